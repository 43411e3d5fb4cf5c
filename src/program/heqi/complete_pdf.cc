#include "complete_pdf.h"

#include <chrono>

#include <heqi/documents/pdf/sign.h>
#include <heqi/documents/sign/long_term.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/pki/cms.h>
#include <heqi/x509/oids.h>

namespace heqi::program {

namespace pdf = documents::pdf;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

Result<std::string> free_stamp_name(ByteView file) {
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file));
  HEQI_TRY(const pdf::Form form, pdf::get_form(document));
  for (int number = 1;; ++number) {
    std::string name = "DocumentTimeStamp" + std::to_string(number);
    const pdf::Field* field = form.find(name);
    if (field == nullptr || (field->type == "Sig" && !field->value)) return name;
  }
}

// hash_of is that of the last signature: who reads it reads the time-stamp too. Seals are of SM3.
Result<asn1::Oid> hash_of(ByteView file) {
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file));
  HEQI_TRY(const auto signatures, pdf::find_signatures(document));
  if (signatures.empty()) return fail(Code::not_found, "nobody has signed the file");
  HEQI_TRY(const ByteView message, pki::der_prefix_of(signatures.back().contents));
  const auto parsed = pki::parse_signed_data(message);
  if (!parsed || parsed->signers.empty()) return x509::oids::sm3();
  return parsed->signers[0].digest_algorithm;
}

}  // namespace

base::Status Completion::add_validation_data(const pki::TrustStore& trust, base::Fetch& fetch,
                                             base::Time now) {
  progress.step("gathering certificates and revocation answers", "收集证书与吊销信息");
  HEQI_TRY(const MappedFile map, file.map());
  pki::PathOptions options;
  options.at = options.now = now;
  options.fetch = &fetch;
  HEQI_TRY(const documents::sign::Collected collected,
           documents::sign::collect_validation_data(map.octets(), trust, options, algorithms));
  if (!collected.missing.empty())
    return fail(Code::unavailable, "validation data is incomplete: " + collected.missing.front());
  HEQI_TRY(const Bytes more, pdf::append_validation_data(map.octets(), collected.data));
  return file.append(more);
}

base::Status Completion::add_document_stamp() {
  HEQI_TRY(const MappedFile map, file.map());
  progress.step("asking for a time-stamp of the document", "申请文档时间戳", map.octets().size());
  pdf::TimeStampRequest request;
  HEQI_TRY(request.field, free_stamp_name(map.octets()));
  HEQI_TRY(const pdf::Appendix appendix, pdf::append_document_time_stamp(map.octets(), request));
  pki::Content content;
  for (const ByteView part : appendix.parts(map.octets())) content.add(part);
  HEQI_TRY(const Bytes token, stamps.stamp(content, hash));
  HEQI_TRY(const Bytes more, appendix.filled(token));
  return file.append(more);
}

Result<std::uint64_t> complete_pdf(const CompletionWish& wish, base::Fetch& fetch,
                                   const base::Clock& clock, base::Random& random,
                                   Progress& progress) {
  if (wish.input == wish.output)
    return fail(Code::malformed, wish.output + ": is the file itself; --out names a new one");
  if (wish.trust.empty()) return fail(Code::malformed, "which roots are trusted? --trust");
  progress.step("copying the file", "复制文件");
  HEQI_TRY(GrowingFile file, GrowingFile::copy_of(wish.input, wish.output));
  HEQI_TRY(const MappedFile before, file.map());
  HEQI_TRY(const asn1::Oid hash, hash_of(before.octets()));
  const auto signatures = ossl::make_signature_verifier();
  const pki::FunctionDigester digests(ossl::digest, ossl::digest_parts);
  const pki::Algorithms algorithms{*signatures, digests};
  TimeStampClient stamps(wish.time_stamp_url, fetch, random, algorithms);
  Completion completion{file, stamps, hash, algorithms, progress};
  HEQI_TRY(completion.add_validation_data(wish.trust, fetch,
                                          std::chrono::floor<std::chrono::seconds>(clock.now())));
  HEQI_TRY(completion.add_document_stamp());
  HEQI_TRY(const MappedFile whole, file.map());
  const std::uint64_t size = whole.octets().size();
  HEQI_TRY(file.commit());
  return size;
}

}  // namespace heqi::program
