#include <heqi/services/ocsp/responder.h>

namespace heqi::services::ocsp {

base::Bytes Responder::answer(base::ByteView request) {
  const auto parsed = pki::parse_ocsp_request(request);
  if (!parsed) return pki::encode_ocsp_failure(pki::OcspFailure::malformed_request);
  auto answer = answer_to(*parsed);
  if (answer) return *std::move(answer);
  const bool later =
      answer.error().code == base::Code::unavailable || answer.error().code == base::Code::storage;
  return pki::encode_ocsp_failure(later ? pki::OcspFailure::try_later
                                        : pki::OcspFailure::internal_error);
}

base::Result<base::Bytes> Responder::answer_to(const pki::OcspRequest& request) {
  const base::Time now = std::chrono::floor<std::chrono::seconds>(clock_.now());
  pki::OcspBody body{.answers = {}, .produced_at = now, .nonce = request.nonce};
  const pki::Sm3Digester sm3;
  for (const pki::CertId& question : request.questions) {
    pki::SingleAnswer single{.id = question,
                             .status = pki::CertStatus::unknown,
                             .revoked_at = {},
                             .reason = {},
                             .this_update = now,
                             .next_update = now + kAnswerLifetime};
    const auto ours = pki::names_issuer(question, issuer_, sm3);
    if (ours && *ours) {
      HEQI_TRY(const Standing standing, source_.standing(question.serial));
      single.status = standing.status;
      if (standing.revoked_at)
        single.revoked_at = std::chrono::floor<std::chrono::seconds>(*standing.revoked_at);
      single.reason = standing.reason;
    }
    body.answers.push_back(std::move(single));
  }
  return pki::make_ocsp_answer(body, responder_, {responder_}, signer_);
}

}  // namespace heqi::services::ocsp
