#include <heqi/keys/application_keys.h>

namespace heqi::keys {

using base::Result;
using base::SecretBytes;
using device::LocalRequest;
using device::LocalService;

Result<SecretBytes> ApplicationKeys::serve(const LocalRequest& request) {
  switch (request.service) {
    case LocalService::seal:
    case LocalService::request:
      return base::fail(base::Code::unsupported, "of a key in two shares only");
    case LocalService::verify:
    case LocalService::encrypt:
      return device::serve_without_key(request, random_);
    case LocalService::generate: {
      HEQI_TRY(const MadeKey made,
               keys_.make({request.name, Purpose::applications, Protection::wrapping_key}));
      return SecretBytes::copy_of(made.public_key);
    }
    case LocalService::destroy:
      HEQI_TRY(keys_.remove(request.name, Purpose::applications));
      take_begun(request.name);
      return SecretBytes();
    case LocalService::sign:
      HEQI_TRY(check_application_data(request.data));
      return use(request);
    case LocalService::decrypt:
    case LocalService::agree:
    case LocalService::begin_agreement:
    case LocalService::finish_agreement:
      return use(request);
  }
  return base::fail(base::Code::unsupported, "service");
}

Result<SecretBytes> ApplicationKeys::use(const LocalRequest& request) {
  HEQI_TRY(const crypto::PrivateKey key, keys_.open_key(request.name, Purpose::applications));
  std::optional<device::BegunAgreement> begun;
  if (request.service == LocalService::finish_agreement) begun = take_begun(request.name);
  auto result = device::serve_with_key(key, request, begun, random_);
  if (begun) keep_begun(*std::move(begun));
  return result;
}

std::optional<device::BegunAgreement> ApplicationKeys::take_begun(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = begun_.find(name);
  if (found == begun_.end()) return std::nullopt;
  std::optional<device::BegunAgreement> out(std::move(found->second));
  begun_.erase(found);
  return out;
}

void ApplicationKeys::keep_begun(device::BegunAgreement begun) {
  const std::lock_guard lock(mutex_);
  const std::string name = begun.name;
  begun_.insert_or_assign(name, std::move(begun));
}

}  // namespace heqi::keys
