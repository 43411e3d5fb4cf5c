#include "device_verifier.h"

#include <heqi/x509/oids.h>
#include <heqi/x509/sm2_encoding.h>

#include "agreeing_person.h"

namespace heqi::program {

using base::ByteView;
using base::Code;
using base::fail;
using base::Status;

Status DeviceVerifier::verify(const x509::AlgorithmIdentifier& algorithm,
                              const x509::PublicKeyInfo& key, ByteView message,
                              ByteView signature) const {
  const bool sm2 =
      algorithm.oid == x509::oids::sm2_with_sm3() || algorithm.oid == x509::oids::sm2_sign();
  if (!sm2 || !algorithm.has_no_parameters())
    return fail(Code::unsupported, "the device does not know " + algorithm.oid.dotted());
  if (!key.is_sm2()) return fail(Code::malformed, "an SM2 signature under a key of another kind");
  HEQI_TRY(const crypto::PublicKey public_key, key.sm2_key());
  if (const auto parsed = x509::parse_signature(signature); !parsed)
    return fail(Code::invalid_signature, parsed.error().detail);
  const crypto::PointBytes& point = public_key.encode();
  base::Bytes question = device::encode_verification(
      {{point.begin(), point.end()}, base::to_bytes(message), base::to_bytes(signature)});
  const crypto::Digest name = crypto::sm3(question);
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  if (failure_) return *failure_;
  Status answer = ask(std::move(question));
  if (!answer && answer.error().code != Code::invalid_signature)
    failure_ = answer.error();
  else
    known_.emplace(name, answer);
  return answer;
}

Status DeviceVerifier::ask(base::Bytes verification) const {
  TerminalOptions options;
  options.server = server_;
  Terminal terminal(device_, fetch_, clock_, std::move(options));
  AgreeingPerson person(person_, verification);
  HEQI_TRY(const Outcome outcome,
           terminal.use_local_key({device::LocalService::verify, "", verification}, person));
  if (outcome.what != "local_key") return fail(Code::cancelled, "the device was not asked");
  return {};
}

}  // namespace heqi::program
