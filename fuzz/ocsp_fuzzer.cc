// OCSP requests and answers: what is read as a request is written back and read as the same; what
// is read as an answer is given anew by those who may give it and by one who may not.
// uses: heqi_pki heqi_testing_pki
// covers: src/pki/ocsp.cc src/pki/ocsp_verify.cc
#include <heqi/pki/ocsp.h>
#include <heqi/testing/authority.h>
#include <heqi/x509/oids.h>

#include <algorithm>

namespace {

using namespace heqi;
using base::ByteView;

constexpr std::size_t kAnswersMax = 2;  // of one input, which keeps the target quick

struct Parties {
  testing::Authority authority{1};
  testing::Credential stranger = authority.make_person("Stranger");
};
Parties& parties() {
  static Parties made;
  return made;
}

const pki::Algorithms& algorithms() {
  static const x509::Sm2SignatureVerifier signatures;
  static const pki::Sm3Digester digests;
  static const pki::Algorithms value{signatures, digests};
  return value;
}

base::Result<pki::OcspEvidence> look(const pki::OcspAnswer& answer,
                                     const pki::SingleAnswer& single) {
  return pki::verify_ocsp_answer(
      answer, parties().authority.issuing().certificate, single.id.serial,
      {.nonce = answer.body.nonce, .now = single.this_update, .valid_at = single.this_update},
      algorithms());
}

void try_request(ByteView input) {
  const auto request = pki::parse_ocsp_request(input);
  if (!request) return;
  const auto again = pki::parse_ocsp_request(pki::encode_ocsp_request(*request));
  HEQI_CHECK(again && again->questions == request->questions && again->nonce == request->nonce);
}

// answer_anew lets responder say what body says, about certificates of the issuing CA.
pki::OcspAnswer answer_anew(const pki::OcspBody& body, const testing::Credential& responder) {
  const auto der = pki::make_ocsp_answer(
      body, responder.certificate,
      {parties().authority.issuing().certificate, responder.certificate}, *responder.signer);
  HEQI_CHECK(der.has_value());
  auto answer = pki::parse_ocsp_answer(*der);
  HEQI_CHECK(answer && answer->body.answers.size() == body.answers.size() &&
             answer->body.nonce == body.nonce);
  return *std::move(answer);
}

void try_answer(ByteView input) {
  const auto answer = pki::parse_ocsp_answer(input);
  if (!answer) return;
  for (const x509::Certificate& certificate : answer->certificates)
    static_cast<void>(
        pki::verify_ocsp_answer(*answer, certificate, certificate.serial(), {}, algorithms()));
  for (const pki::SingleAnswer& single : answer->body.answers)
    static_cast<void>(look(*answer, single));
  const testing::Authority& authority = parties().authority;
  const testing::Credential& stranger = parties().stranger;
  pki::OcspBody body = answer->body;
  body.answers.resize(std::min(body.answers.size(), kAnswersMax));
  for (pki::SingleAnswer& single : body.answers)
    single.id = *pki::make_cert_id(authority.issuing().certificate, single.id.serial,
                                   x509::oids::sm3(), pki::Sm3Digester());
  for (const testing::Credential* responder :
       {&authority.issuing(), &authority.ocsp(), &stranger}) {
    const pki::OcspAnswer anew = answer_anew(body, *responder);
    for (const pki::SingleAnswer& single : anew.body.answers) {
      const auto evidence = look(anew, single);
      HEQI_CHECK(!evidence || responder != &stranger);
      HEQI_CHECK(!evidence || evidence->delegated == (responder == &authority.ocsp()));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  try_request(input);
  try_answer(input);
  if (size == 1) {
    const auto failure = static_cast<pki::OcspFailure>(data[0] % 7);
    HEQI_CHECK(failure == pki::OcspFailure{} ||
               !pki::parse_ocsp_answer(pki::encode_ocsp_failure(failure)));
  }
  return 0;
}
