// heqi/services/identity/provider.h: who confirms that a person is who they say.
#pragma once
#include <string>

#include <heqi/base/random.h>
#include <heqi/base/result.h>

namespace heqi::services::identity {

// Claim is what is to be confirmed. It goes to the provider and is not kept.
struct Claim {
  std::string name, id_number, phone;
};

// Challenge is what the person must answer; reference is the provider's own name of the case.
struct Challenge {
  std::string reference;
  std::string text;  // shown to the person
};

// IdentityProvider is replaceable: sandbox here; real ones are adapters.
class IdentityProvider {
 public:
  virtual ~IdentityProvider() = default;
  virtual std::string name() const = 0;
  // start fails with identity_refused where the provider knows that the claim is false.
  virtual base::Result<Challenge> start(const Claim& claim) = 0;
  // check looks at the evidence for a challenge. Fails with identity_refused.
  virtual base::Status check(const Challenge& challenge, base::ByteView evidence) = 0;
};

// SandboxProvider stands in where no provider is connected: it asks that the evidence repeat the
// challenge's words and confirms every claim except of names that begin with "拒绝" or "Refused".
// Whatever it verified carries its name, "sandbox": no identity was checked.
class SandboxProvider final : public IdentityProvider {
 public:
  explicit SandboxProvider(base::Random& random) : random_(random) {}
  std::string name() const override { return "sandbox"; }
  base::Result<Challenge> start(const Claim& claim) override;
  base::Status check(const Challenge& challenge, base::ByteView evidence) override;

 private:
  base::Random& random_;
};

}  // namespace heqi::services::identity
