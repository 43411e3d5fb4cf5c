// heqi/services/tsa/authority.h: time-stamps (RFC 3161, GM/T 0033), from a time source that is
// trusted or refuses.
#pragma once
#include <mutex>

#include <heqi/base/log.h>
#include <heqi/base/random.h>
#include <heqi/pki/time_guard.h>
#include <heqi/pki/tsp.h>

namespace heqi::services::tsa {

// TimeSource says what time it is, or that it does not know (architecture decision 13).
class TimeSource {
 public:
  virtual ~TimeSource() = default;
  // now fails with time_untrusted where the clock is not synchronised.
  virtual base::Result<base::Time> now() = 0;
  virtual std::optional<base::Duration> accuracy() const = 0;  // nullopt: no claim
};

// SystemTimeSource believes the host's clock, unless it was stepped: for tests and offline trials,
// without an accuracy claim.
class SystemTimeSource final : public TimeSource {
 public:
  explicit SystemTimeSource(const base::Clock& clock) : guard_(clock) {}
  base::Result<base::Time> now() override { return guard_.now(); }
  std::optional<base::Duration> accuracy() const override { return std::nullopt; }

 private:
  pki::TimeGuard guard_;
};

// KernelTimeSource asks the kernel whether its clock is synchronised, and refuses beyond 500 ms.
class KernelTimeSource final : public TimeSource {
 public:
  explicit KernelTimeSource(const base::Clock& clock) : guard_(clock, kErrorMax * 2) {}
  base::Result<base::Time> now() override;
  std::optional<base::Duration> accuracy() const override { return kErrorMax; }

 private:
  static constexpr base::Duration kErrorMax = std::chrono::milliseconds(500);
  pki::TimeGuard guard_;
};

// Policies of tokens, under the arc that RFC 5612 keeps for examples: an installation that is more
// than a trial states its own in its configuration.
asn1::Oid synchronised_policy();
asn1::Oid test_policy();

// Policy is one of those that an authority stamps under.
struct Policy {
  asn1::Oid id;
  // ordered: tokens under this policy are in the order of their times, each later than the one
  // before by a millisecond at least, and say so (RFC 3161 §2.4.2 ordering).
  enum class Order : std::uint8_t { by_accuracy, by_time } order = Order::by_accuracy;
};

// AuthorityParts all outlive the authority. The certificate is SM2, RSA or ECDSA; tokens are hashed
// by SM3 under SM2, else by SHA-256.
struct AuthorityParts {
  const x509::Certificate& certificate;
  x509::Signer& signer;
  TimeSource& time;
  std::vector<Policy> policies;  // the first serves requests that name none
  base::Random& random;
  base::Log& log;
};

class Authority {
 public:
  explicit Authority(AuthorityParts parts) : parts_(std::move(parts)) {}
  // The form for one policy that is ordered by accuracy.
  Authority(const x509::Certificate& certificate, x509::Signer& signer, TimeSource& time,
            asn1::Oid policy, base::Random& random, base::Log& log)
      : Authority(AuthorityParts{
            certificate, signer, time, {Policy{.id = std::move(policy)}}, random, log}) {}

  // answer takes an encoded request and always gives an encoded answer. Imprints are of SM3,
  // SHA-256, SHA-384 or SHA-512. A token's time never goes back, whatever the clock does, and never
  // lies outside the certificate's own: without trusted time it is a refusal, and the log says what
  // to do.
  base::Bytes answer(base::ByteView request);

 private:
  base::Result<base::Time> take_time(Policy::Order order);
  base::Result<base::Bytes> token_for(const pki::TimeStampRequest& request, const Policy& policy);

  AuthorityParts parts_;
  std::mutex mutex_;
  base::Time last_{};
};

}  // namespace heqi::services::tsa
