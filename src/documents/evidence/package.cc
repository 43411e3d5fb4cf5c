#include <heqi/documents/evidence/package.h>

#include <algorithm>
#include <cstdio>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/pdf/document.h>

#include "manifest.h"

namespace heqi::documents::evidence {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

std::string digest_of(ByteView octets) {
  return base::to_hex(crypto::sm3(octets));
}

// moment_name keeps the moments in their order: moments/0001.json, moments/0001.tst.
std::string moment_name(std::size_t index, std::string_view end) {
  char number[8];
  std::snprintf(number, sizeof number, "%04u", static_cast<unsigned>(index + 1) % 10'000);
  return std::string(kMomentsFolder) + number + std::string(end);
}

// add_named adds files that are named by their digests, each once, in the order of the names.
void add_named(std::vector<ofd::NewEntry>& out, std::string_view folder, std::string_view end,
               const std::vector<Bytes>& files) {
  std::vector<ofd::NewEntry> named;
  for (const Bytes& one : files)
    named.push_back({std::string(folder) + digest_of(one) + std::string(end), one});
  const auto by_name = [](const ofd::NewEntry& a, const ofd::NewEntry& b) {
    return a.name < b.name;
  };
  const auto same_name = [](const ofd::NewEntry& a, const ofd::NewEntry& b) {
    return a.name == b.name;
  };
  std::sort(named.begin(), named.end(), by_name);
  named.erase(std::unique(named.begin(), named.end(), same_name), named.end());
  for (ofd::NewEntry& one : named) out.push_back(std::move(one));
}

std::vector<ofd::NewEntry> files_of(const Content& content) {
  std::vector<ofd::NewEntry> out = {{std::string(kDocumentName), content.document},
                                    {std::string(kOriginalName), content.original}};
  for (std::size_t i = 0; i < content.moments.size(); ++i) {
    out.push_back(
        {moment_name(i, ".json"), base::to_bytes(base::bytes_of(content.moments[i].record))});
    out.push_back({moment_name(i, ".tst"), content.moments[i].token});
  }
  add_named(out, kCertificatesFolder, ".cer", content.certificates);
  add_named(out, kStatusFolder, ".crl", content.crls);
  add_named(out, kStatusFolder, ".ocsp", content.ocsps);
  return out;
}

// read_list reads the streams of one list of the DSS.
Result<std::vector<Bytes>> read_list(const pdf::Document& document, const pdf::Dictionary& dss,
                                     std::string_view key) {
  std::vector<Bytes> out;
  HEQI_TRY(const pdf::Value* const list, document.find(dss, key));
  if (!list || !list->array()) return out;
  if (list->array()->items.size() > kEntriesMax)
    return fail(Code::limit_exceeded, "DSS: items in /" + std::string(key));
  for (const pdf::Value& item : list->array()->items) {
    HEQI_TRY(const pdf::Value* const stream, document.resolve(item));
    if (!stream->stream()) continue;
    HEQI_TRY(pdf::Decoded decoded, document.decode(*stream->stream()));
    out.push_back(std::move(decoded.octets));
  }
  return out;
}

}  // namespace

Result<Draft> make_draft(const Content& content) {
  if (content.moments.size() > kMomentsMax)
    return fail(Code::limit_exceeded, "moments of one package");
  Manifest manifest{.contract = content.contract,
                    .title = content.title,
                    .owner = content.owner,
                    .created_at = content.created_at,
                    .ended_at = content.ended_at,
                    .parties = content.parties,
                    .entries = {}};
  std::vector<ofd::NewEntry> files = files_of(content);
  if (files.size() + 2 > kEntriesMax) return fail(Code::limit_exceeded, "entries of one package");
  for (const ofd::NewEntry& one : files)
    manifest.entries.push_back({one.name, one.content.size(), digest_of(one.content)});
  const std::string text = encode_manifest(manifest);
  Draft out;
  out.statement = statement_over(base::bytes_of(text));
  out.entries.push_back({std::string(kManifestName), base::to_bytes(base::bytes_of(text))});
  for (ofd::NewEntry& one : files) out.entries.push_back(std::move(one));
  return out;
}

Result<Bytes> finish_package(Draft draft, const x509::Certificate& signer, ByteView signature,
                             ByteView token) {
  HEQI_TRY(Bytes message, encode_signature(draft.statement, signer, signature, token));
  draft.entries.insert(draft.entries.begin() + 1,
                       ofd::NewEntry{std::string(kSignatureName), std::move(message)});
  HEQI_TRY(Bytes package, ofd::write_package(nullptr, draft.entries));
  if (package.size() > kPackageSizeMax) return fail(Code::limit_exceeded, "an evidence package");
  return package;
}

Result<Kept> read_kept(ByteView file) {
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file));
  HEQI_TRY(const pdf::Dictionary* const catalog, document.catalog());
  HEQI_TRY(const pdf::Value* const dss, document.find(*catalog, "DSS"));
  Kept out;
  if (!dss || !dss->dictionary()) return out;
  HEQI_TRY(out.certificates, read_list(document, *dss->dictionary(), "Certs"));
  HEQI_TRY(out.crls, read_list(document, *dss->dictionary(), "CRLs"));
  HEQI_TRY(out.ocsps, read_list(document, *dss->dictionary(), "OCSPs"));
  return out;
}

}  // namespace heqi::documents::evidence
