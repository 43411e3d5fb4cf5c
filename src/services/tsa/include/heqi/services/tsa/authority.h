// heqi/services/tsa/authority.h: time-stamps (RFC 3161, GM/T 0033), from a time source that is
// trusted or refuses.
#pragma once
#include <mutex>

#include <heqi/base/log.h>
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

// SystemTimeSource believes the host's clock: for tests and offline trials, without an accuracy
// claim.
class SystemTimeSource final : public TimeSource {
 public:
  explicit SystemTimeSource(const base::Clock& clock) : clock_(clock) {}
  base::Result<base::Time> now() override { return clock_.now(); }
  std::optional<base::Duration> accuracy() const override { return std::nullopt; }

 private:
  const base::Clock& clock_;
};

// KernelTimeSource asks the kernel whether its clock is synchronised, and refuses beyond 500 ms.
class KernelTimeSource final : public TimeSource {
 public:
  explicit KernelTimeSource(const base::Clock& clock) : clock_(clock) {}
  base::Result<base::Time> now() override;
  std::optional<base::Duration> accuracy() const override { return kErrorMax; }

 private:
  static constexpr base::Duration kErrorMax = std::chrono::milliseconds(500);
  const base::Clock& clock_;
};

// Policies of tokens, under the arc that RFC 5612 keeps for examples: an installation that is more
// than a trial states its own in its configuration.
asn1::Oid synchronised_policy();
asn1::Oid test_policy();

class Authority {
 public:
  Authority(const x509::Certificate& certificate, x509::Signer& signer, TimeSource& time,
            asn1::Oid policy, base::Random& random, base::Log& log)
      : certificate_(certificate),
        signer_(signer),
        time_(time),
        policy_(std::move(policy)),
        random_(random),
        log_(log) {}

  // answer takes an encoded request and always gives an encoded answer. A token's time never goes
  // back, whatever the clock does; without trusted time it is a refusal.
  base::Bytes answer(base::ByteView request);

 private:
  base::Result<base::Bytes> token_for(const pki::TimeStampRequest& request);

  const x509::Certificate& certificate_;
  x509::Signer& signer_;
  TimeSource& time_;
  asn1::Oid policy_;
  base::Random& random_;
  base::Log& log_;
  std::mutex mutex_;
  base::Time last_{};
};

}  // namespace heqi::services::tsa
