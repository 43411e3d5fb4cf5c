// Signs whole files in memory: an authority with the keys of a suite, parties, and files in every
// style.
#pragma once
#include <heqi/documents/pdf/sign.h>
#include <heqi/documents/verify/verify.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

#include "../../pdf/tests/pdf_text.h"

namespace heqi::documents::verify {

using base::Bytes;
using base::ByteView;
using base::Code;
using testing::at;
using testing::Authority;
using testing::Credential;

inline const base::Time kSignedAt = at("2026-06-01T12:00:00Z");
inline const base::Time kNow = at("2026-06-01T18:00:00Z");

inline constexpr std::size_t kReserved = pdf::kContentsReservedMin;

using testing::must;

// seed_files is one page in every style: table, cross-reference stream, object stream.
inline std::vector<Bytes> seed_files(const pdf::PdfText& page = pdf::PdfText::one_page()) {
  pdf::PdfText table = page, stream = page, packed = page;
  std::map<int, std::string> inside;
  for (const int number : {1, 2, 3}) inside[number] = packed.objects[number];
  for (const int number : {1, 2, 3}) packed.objects.erase(number);
  return {base::to_bytes(table.with_table()), base::to_bytes(stream.with_stream()),
          base::to_bytes(packed.with_stream(inside))};
}

// one_pixel is a PNG of one red, half transparent pixel.
inline Bytes one_pixel() {
  return testing::hex(
      "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
      "0000000d49444154789c63f8cfc0d00000048101802c55ceb00000000049454e44ae426082");
}

struct Stamping {
  bool with_stamp = true;
  std::optional<base::Time> stamp_time;
};

// SigningDesk makes what the product makes, with software keys.
class SigningDesk {
 public:
  explicit SigningDesk(std::uint64_t seed = 7, const testing::Suite& suite = testing::sm2_suite())
      : authority(seed, suite) {}

  static Bytes with_fields(ByteView file, std::size_t count) {
    std::vector<pdf::FieldRequest> fields;
    for (std::size_t i = 0; i < count; ++i)
      fields.push_back(
          {"party" + std::to_string(i + 1), "", {0, 10, 10 + 30 * static_cast<double>(i), 60, 25}});
    return must(pdf::prepare_fields(file, fields));
  }

  static pdf::SignatureRequest request(const std::string& field, base::Time time) {
    pdf::SignatureRequest out;
    out.field = field;
    out.time = time;
    out.name = "张三";
    pdf::Appearance box;
    box.width = 120, box.height = 50;
    box.graph.objects.push_back({pdf::Dictionary{}, base::to_bytes("0 0 1 RG 1 1 118 48 re S")});
    out.appearance = std::move(box);
    return out;
  }

  Bytes message(const pdf::Prepared& prepared, const Credential& signer, base::Time time,
                const Stamping& stamping = {}) {
    Bytes cms = authority.sign_message(signer, prepared.content_to_sign(), time);
    if (!stamping.with_stamp) return cms;
    const pki::SignedData parsed = must(pki::parse_signed_data(cms));
    const Bytes token =
        authority.make_time_stamp(parsed.signers[0].signature, stamping.stamp_time.value_or(time));
    return must(pki::add_unsigned_attribute(cms, pki::time_stamp_attribute(token)));
  }

  Bytes sign(ByteView file, const pdf::SignatureRequest& request, const Credential& signer,
             const Stamping& stamping = {}) {
    const pdf::Prepared prepared = must(pdf::prepare_signature(file, request));
    return must(pdf::finish_signature(prepared, message(prepared, signer, request.time, stamping)));
  }
  Bytes sign(ByteView file, const std::string& field, const Credential& signer,
             base::Time time = kSignedAt, const Stamping& stamping = {}) {
    return sign(file, request(field, time), signer, stamping);
  }

  // add_data puts lists of both authorities and an answer about each signer into the DSS.
  Bytes add_data(ByteView file, const std::vector<Credential>& signers, base::Time time) {
    pdf::ValidationData data;
    data.certificates = {base::to_bytes(authority.issuing().certificate.der()),
                         base::to_bytes(authority.root().certificate.der())};
    data.crls = {authority.make_crl(time), authority.make_root_crl(time)};
    for (const Credential& one : signers)
      data.ocsps.push_back(authority.make_ocsp_answer(one.certificate, time));
    return must(pdf::add_validation_data(file, data));
  }

  Bytes add_stamp(ByteView file, base::Time time, const std::string& field = "DocumentTimeStamp1") {
    pdf::TimeStampRequest request;
    request.field = field;
    const pdf::Prepared prepared = must(pdf::prepare_document_time_stamp(file, request));
    return must(pdf::finish_signature(prepared,
                                      authority.make_time_stamp(prepared.content_to_sign(), time)));
  }

  // complete is a contract of two parties with validation data and a document time-stamp.
  Bytes complete(ByteView seed) {
    const Credential alice = authority.make_person("Alice"), bob = authority.make_person("Bob");
    Bytes file = with_fields(seed, 2);
    file = sign(file, "party1", alice);
    file = sign(file, "party2", bob, kSignedAt + std::chrono::minutes(5));
    file = add_data(file, {alice, bob}, kSignedAt + std::chrono::minutes(10));
    return add_stamp(file, kSignedAt + std::chrono::minutes(15));
  }

  VerifyOptions options(base::Time now = kNow) const {
    VerifyOptions out;
    out.trust = authority.trust();
    out.now = now;
    out.signatures = &authority.suite().algorithms().signatures;
    out.digests = &authority.suite().algorithms().digests;
    return out;
  }

  Authority authority;
};

// has tells whether any finding of the report is for reason.
inline bool has(const std::vector<Finding>& findings, Reason reason) {
  for (const Finding& one : findings)
    if (one.reason == reason) return true;
  return false;
}
inline bool has(const Report& report, Reason reason) {
  if (has(report.findings, reason)) return true;
  for (const SignatureReport& one : report.signatures)
    if (has(one.findings, reason)) return true;
  return false;
}

// words lists all findings, for messages of failed tests.
inline std::string words(const Report& report) {
  std::string out(name_of(report.verdict));
  const auto add = [&](const std::string& who, const std::vector<Finding>& findings) {
    for (const Finding& one : findings)
      out +=
          "\n  " + who + ": " + std::string(text_of(one.reason).name) + " [" + one.evidence + "]";
  };
  add("document", report.findings);
  for (const SignatureReport& one : report.signatures) add(one.field, one.findings);
  return out;
}

}  // namespace heqi::documents::verify
