#include <heqi/services/tsa/authority.h>

#include <sys/timex.h>

namespace heqi::services::tsa {

base::Result<base::Time> KernelTimeSource::now() {
  timex state{};
  const int status = ::adjtimex(&state);
  if (status < 0 || status == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    return base::fail(base::Code::time_untrusted, "the kernel's clock is not synchronised");
  if (base::Duration(state.maxerror) > kErrorMax)
    return base::fail(base::Code::time_untrusted, "the clock may be off by more than 500 ms");
  return clock_.now();
}

asn1::Oid synchronised_policy() {
  return asn1::Oid::of("1.3.6.1.4.1.32473.1.1");
}
asn1::Oid test_policy() {
  return asn1::Oid::of("1.3.6.1.4.1.32473.1.2");
}

base::Bytes Authority::answer(base::ByteView request) {
  const auto parsed = pki::parse_time_stamp_request(request);
  if (!parsed)
    return pki::encode_time_stamp_refusal(pki::TspFailure::bad_data_format,
                                          "the request is not well-formed");
  if (parsed->policy && !(*parsed->policy == policy_))
    return pki::encode_time_stamp_refusal(pki::TspFailure::unaccepted_policy,
                                          "this authority works under " + policy_.dotted());
  const auto token = token_for(*parsed);
  if (token) return pki::encode_time_stamp_answer(*token);
  log_.warning("tsa.refused", {{"code", base::error_text(token.error().code).id}});
  const bool time = token.error().code == base::Code::time_untrusted;
  return pki::encode_time_stamp_refusal(
      time ? pki::TspFailure::time_not_available : pki::TspFailure::system_failure,
      time ? "no trusted time can be had" : "the time-stamp could not be signed");
}

base::Result<base::Bytes> Authority::token_for(const pki::TimeStampRequest& request) {
  HEQI_TRY(base::Time now, time_.now());
  now = std::chrono::floor<std::chrono::milliseconds>(now);
  {
    const std::lock_guard lock(mutex_);
    if (now < last_)
      return base::fail(base::Code::time_untrusted, "the clock went back since the last token");
    last_ = now;
  }
  HEQI_TRY(base::Bytes serial, base::random_bytes(random_, 16));
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7F) | 0x40);
  const pki::TstInfo info{.policy = policy_,
                          .hash_algorithm = request.hash_algorithm,
                          .imprint = request.imprint,
                          .serial = std::move(serial),
                          .time = now,
                          .accuracy = time_.accuracy(),
                          .ordering = false,
                          .nonce = request.nonce};
  return pki::make_time_stamp_token(
      info, certificate_,
      {.profile = pki::Profile::international,
       .certificates = {},
       .send_certificates = request.certificate_requested ? pki::SendCertificates::include
                                                          : pki::SendCertificates::leave_out},
      signer_);
}

}  // namespace heqi::services::tsa
