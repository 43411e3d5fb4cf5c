#include <heqi/services/ocsp/responder.h>

#include <heqi/base/text.h>
#include <heqi/ossl/digest.h>

namespace heqi::services::ocsp {
namespace {

const pki::FunctionDigester& digests() {
  static const pki::FunctionDigester value(ossl::digest);
  return value;
}

// key_of tells questions apart.
base::Bytes key_of(const pki::CertId& question) {
  return pki::encode_ocsp_request({.questions = {question}, .nonce = {}});
}

}  // namespace

base::Bytes Responder::answer(base::ByteView request) {
  const auto parsed = pki::parse_ocsp_request(request);
  if (!parsed) return pki::encode_ocsp_failure(pki::OcspFailure::malformed_request);
  auto answer = answer_to(*parsed);
  if (answer) return *std::move(answer);
  parts_.log.warning("ocsp.refused", {{"code", base::error_text(answer.error().code).id},
                                      {"detail", answer.error().detail}});
  const bool internal = answer.error().code == base::Code::internal;
  return pki::encode_ocsp_failure(internal ? pki::OcspFailure::internal_error
                                           : pki::OcspFailure::try_later);
}

base::Result<base::Time> Responder::time_to_sign() {
  HEQI_TRY(const base::Time now, guard_.now());
  if (!parts_.responder.is_valid_at(now))
    return base::fail(base::Code::expired, "the responder's certificate is valid from " +
                                               base::to_rfc3339(parts_.responder.not_before()) +
                                               " to " +
                                               base::to_rfc3339(parts_.responder.not_after()) +
                                               "; renew it, or set the clock right");
  return base::Time(std::chrono::floor<std::chrono::seconds>(now));
}

base::Result<Standing> Responder::look_up(const pki::CertId& question) {
  const auto ours = pki::names_issuer(question, parts_.issuer, digests());
  if (!ours || !*ours) return Standing{};
  return parts_.source.standing(question.serial);
}

base::Result<base::Bytes> Responder::sign(const std::vector<pki::CertId>& questions,
                                          const std::vector<Standing>& standings, base::Time now,
                                          const base::Bytes& nonce) {
  pki::OcspBody body{.answers = {}, .produced_at = now, .nonce = nonce};
  for (std::size_t i = 0; i < questions.size(); ++i) {
    pki::SingleAnswer single{.id = questions[i],
                             .status = standings[i].status,
                             .revoked_at = {},
                             .reason = standings[i].reason,
                             .this_update = now,
                             .next_update = now + kAnswerLifetime};
    if (standings[i].revoked_at)
      single.revoked_at = std::chrono::floor<std::chrono::seconds>(*standings[i].revoked_at);
    body.answers.push_back(std::move(single));
  }
  return pki::make_ocsp_answer(body, parts_.responder, {parts_.responder}, parts_.signer);
}

base::Result<base::Bytes> Responder::answer_to(const pki::OcspRequest& request) {
  HEQI_TRY(const base::Time now, time_to_sign());
  if (request.questions.size() == 1 && request.nonce.empty())
    return answer_kept(request.questions.front(), now);
  std::vector<Standing> standings;
  for (const pki::CertId& question : request.questions) {
    HEQI_TRY(const Standing standing, look_up(question));
    standings.push_back(standing);
  }
  return sign(request.questions, standings, now, request.nonce);
}

base::Result<base::Bytes> Responder::answer_kept(const pki::CertId& question, base::Time now) {
  HEQI_TRY(const Standing standing, look_up(question));
  const base::Bytes key = key_of(question);
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    if (found != kept_.end() && found->second.standing == standing &&
        now >= found->second.made_at && now < found->second.made_at + kAnswerReuse)
      return found->second.answer;
  }
  HEQI_TRY(base::Bytes answer, sign({question}, {standing}, now, {}));
  // What nobody issued is not kept: questions about it are endless.
  if (standing.status == pki::CertStatus::unknown) return answer;
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kAnswersKept) kept_.clear();
  kept_.insert_or_assign(key, Kept{standing, now, answer});
  return answer;
}

base::Status Responder::presign(base::ByteView serial, const asn1::Oid& hash_algorithm) {
  HEQI_TRY(const pki::CertId question,
           pki::make_cert_id(parts_.issuer, serial, hash_algorithm, digests()));
  HEQI_TRY(const base::Time now, time_to_sign());
  HEQI_TRY(answer_kept(question, now));
  return {};
}

}  // namespace heqi::services::ocsp
