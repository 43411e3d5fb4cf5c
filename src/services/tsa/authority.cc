#include <heqi/services/tsa/authority.h>

#include <sys/timex.h>

#include <algorithm>
#include <thread>

#include <heqi/base/text.h>
#include <heqi/ossl/digest.h>
#include <heqi/x509/oids.h>

namespace heqi::services::tsa {
namespace {

namespace oids = x509::oids;

constexpr base::Duration kTick = std::chrono::milliseconds(1);  // the unit of genTime
constexpr int kTicksMax = 50;  // fifths of a tick that an ordered token waits for

// is_accepted leaves out SHA-1: what it stamps could be another document tomorrow.
bool is_accepted(const asn1::Oid& hash) {
  return hash == oids::sm3() || hash == oids::sha256() || hash == oids::sha384() ||
         hash == oids::sha512();
}

pki::TspFailure failure_of(base::Code code) {
  return code == base::Code::time_untrusted || code == base::Code::expired
             ? pki::TspFailure::time_not_available
             : pki::TspFailure::system_failure;
}

}  // namespace

base::Result<base::Time> KernelTimeSource::now() {
  timex state{};
  const int status = ::adjtimex(&state);
  if (status < 0 || status == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    return base::fail(base::Code::time_untrusted, "the kernel's clock is not synchronised");
  if (base::Duration(state.maxerror) > kErrorMax)
    return base::fail(base::Code::time_untrusted, "the clock may be off by more than 500 ms");
  return guard_.now();
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
    return pki::encode_time_stamp_refusal(parsed.error().code == base::Code::unsupported
                                              ? pki::TspFailure::unaccepted_extension
                                              : pki::TspFailure::bad_data_format,
                                          "the request is not well-formed");
  if (!is_accepted(parsed->hash_algorithm))
    return pki::encode_time_stamp_refusal(pki::TspFailure::bad_algorithm,
                                          "imprints are of SM3, SHA-256, SHA-384 or SHA-512");
  const auto policy =
      std::find_if(parts_.policies.begin(), parts_.policies.end(),
                   [&](const Policy& one) { return !parsed->policy || one.id == *parsed->policy; });
  if (policy == parts_.policies.end())
    return pki::encode_time_stamp_refusal(
        pki::TspFailure::unaccepted_policy,
        "this authority works under " + parts_.policies.front().id.dotted());
  const auto token = token_for(*parsed, *policy);
  if (token) return pki::encode_time_stamp_answer(*token);
  const base::Error& error = token.error();
  parts_.log.warning("tsa.refused",
                     {{"code", base::error_text(error.code).id}, {"detail", error.detail}});
  const pki::TspFailure failure = failure_of(error.code);
  return pki::encode_time_stamp_refusal(failure, failure == pki::TspFailure::time_not_available
                                                     ? "no trusted time can be had"
                                                     : "the time-stamp could not be signed");
}

base::Result<base::Time> Authority::take_time(Policy::Order order) {
  const std::lock_guard lock(mutex_);
  base::Time now;
  for (int tries = 0;; ++tries) {
    HEQI_TRY(const base::Time source, parts_.time.now());
    now = std::chrono::floor<std::chrono::milliseconds>(source);
    if (order == Policy::Order::by_accuracy || now != last_) break;
    // Two ordered tokens of one millisecond: the second waits for the next one.
    if (tries == kTicksMax) return base::fail(base::Code::time_untrusted, "the clock stands still");
    std::this_thread::sleep_for(kTick / 5);
  }
  if (now < last_)
    return base::fail(base::Code::time_untrusted,
                      "the clock went back since the last token; wait until it is past " +
                          base::to_rfc3339(last_) + ", or set it right");
  if (!parts_.certificate.is_valid_at(now))
    return base::fail(base::Code::expired, "the authority's certificate is valid from " +
                                               base::to_rfc3339(parts_.certificate.not_before()) +
                                               " to " +
                                               base::to_rfc3339(parts_.certificate.not_after()) +
                                               "; renew it, or set the clock right");
  last_ = now;
  return now;
}

base::Result<base::Bytes> Authority::token_for(const pki::TimeStampRequest& request,
                                               const Policy& policy) {
  static const pki::FunctionDigester digests(ossl::digest);
  HEQI_TRY(base::Bytes serial, base::random_bytes(parts_.random, 16));
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7F) | 0x40);
  HEQI_TRY(const base::Time now, take_time(policy.order));
  const pki::TstInfo info{.policy = policy.id,
                          .hash_algorithm = request.hash_algorithm,
                          .imprint = request.imprint,
                          .serial = std::move(serial),
                          .time = now,
                          .accuracy = parts_.time.accuracy(),
                          .ordering = policy.order == Policy::Order::by_time,
                          .nonce = request.nonce};
  const bool sm2 = parts_.certificate.public_key().is_sm2();
  return pki::make_time_stamp_token(
      info, parts_.certificate,
      {.profile = pki::Profile::international,
       .certificates = {},
       .send_certificates = request.certificate_requested ? pki::SendCertificates::include
                                                          : pki::SendCertificates::leave_out,
       .digest_algorithm = sm2 ? oids::sm3() : oids::sha256(),
       .digests = &digests},
      parts_.signer);
}

}  // namespace heqi::services::tsa
