// What the file brings along for its own verification (DSS, ISO 32000-2 §12.8.4.3).
#include <algorithm>

#include "judgement.h"

namespace heqi::documents::verify {

using base::Code;
using base::fail;

namespace {

base::Result<std::vector<base::Bytes>> read_list(const pdf::Document& document,
                                                 const pdf::Dictionary& dss, std::string_view key) {
  std::vector<base::Bytes> out;
  HEQI_TRY(const pdf::Value* const list, document.find(dss, key));
  if (!list || !list->array()) return out;
  if (list->array()->items.size() > kStoredItemsMax)
    return fail(Code::limit_exceeded, "DSS: more than " + std::to_string(kStoredItemsMax) +
                                          " items in /" + std::string(key));
  for (const pdf::Value& item : list->array()->items) {
    HEQI_TRY(const pdf::Value* const stream, document.resolve(item));
    if (!stream->stream()) continue;
    HEQI_TRY(pdf::Decoded decoded, document.decode(*stream->stream()));
    out.push_back(std::move(decoded.octets));
  }
  return out;
}

base::Result<std::optional<std::size_t>> find_first_store(const pdf::Document& document) {
  for (std::size_t i = 0; i < document.revisions().size(); ++i) {
    const pdf::Document then = document.at_revision(i);  // owns what the pointer points to
    HEQI_TRY(const pdf::Dictionary* const catalog, then.catalog());
    if (catalog->find("DSS")) return std::optional<std::size_t>(i);
  }
  return std::optional<std::size_t>();
}

}  // namespace

base::Result<Stored> read_stored(const pdf::Document& document) {
  Stored stored;
  HEQI_TRY(const pdf::Dictionary* const catalog, document.catalog());
  HEQI_TRY(const pdf::Value* const dss, document.find(*catalog, "DSS"));
  if (!dss || !dss->dictionary()) return stored;
  HEQI_TRY(stored.since, find_first_store(document));
  HEQI_TRY(const auto certificates, read_list(document, *dss->dictionary(), "Certs"));
  HEQI_TRY(const auto crls, read_list(document, *dss->dictionary(), "CRLs"));
  HEQI_TRY(const auto answers, read_list(document, *dss->dictionary(), "OCSPs"));
  // What cannot be read proves nothing, and is left out.
  for (const base::Bytes& der : certificates)
    if (auto one = x509::parse_certificate(der)) stored.certificates.push_back(*std::move(one));
  for (const base::Bytes& der : crls)
    if (auto one = pki::parse_crl(der)) stored.crls.push_back(*std::move(one));
  for (const base::Bytes& der : answers)
    if (auto one = pki::parse_ocsp_answer(der)) stored.ocsp_answers.push_back(*std::move(one));
  return stored;
}

pki::PathOptions Context::path_options(base::Time at) const {
  pki::PathOptions path;
  path.at = at;
  path.now = options.now;
  path.clock_skew = options.clock_skew;
  path.revocation = options.revocation;
  path.crls = stored.crls;
  path.crls.insert(path.crls.end(), options.crls.begin(), options.crls.end());
  path.ocsp_answers = stored.ocsp_answers;
  path.ocsp_answers.insert(path.ocsp_answers.end(), options.ocsp_answers.begin(),
                           options.ocsp_answers.end());
  path.intermediates = options.intermediates;
  for (const x509::Certificate& one : stored.certificates)
    if (one.is_ca() && std::find(path.intermediates.begin(), path.intermediates.end(), one) ==
                           path.intermediates.end())
      path.intermediates.push_back(one);
  return path;
}

}  // namespace heqi::documents::verify
