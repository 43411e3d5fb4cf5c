// device_verifier.h: SM2 signatures verified inside heqi-device on this machine: the terminal's own
// module says whether a value holds (T/ZSA 37 §7.4 b), not this program.
#pragma once
#include <map>
#include <optional>

#include <heqi/base/clock.h>
#include <heqi/base/fetch.h>
#include <heqi/crypto/sm3.h>
#include <heqi/terminal/terminal_client.h>
#include <heqi/x509/signature_verifier.h>

#include "terminal.h"

namespace heqi::program {

// DeviceVerifier asks the device about each SM2 value once (device::LocalService::verify); the
// device asks for the PIN each time, which person gives. Other algorithms are unsupported: the
// module has none. Parts outlive it.
class DeviceVerifier final : public x509::SignatureVerifier {
 public:
  struct Parts {
    terminal::TerminalClient& device;
    base::Fetch& fetch;
    const base::Clock& clock;
  };
  DeviceVerifier(Parts parts, std::string server, Person& person)
      : device_(parts.device),
        fetch_(parts.fetch),
        clock_(parts.clock),
        server_(std::move(server)),
        person_(person) {}

  // verify fails as SignatureVerifier's; and as failure() once the device could not answer.
  base::Status verify(const x509::AlgorithmIdentifier& algorithm, const x509::PublicKeyInfo& key,
                      base::ByteView message, base::ByteView signature) const override;

  // failure is why the device did not answer: a wrong PIN, no connection, a message of more than
  // device::kLocalDataSizeMax. From then on it is not asked again, so that one wrong PIN costs one
  // try; and no report that was made with it is to be believed.
  const std::optional<base::Error>& failure() const { return failure_; }
  // asked counts the values that the device judged.
  std::size_t asked() const { return known_.size(); }

 private:
  base::Status ask(base::Bytes verification) const;

  terminal::TerminalClient& device_;
  base::Fetch& fetch_;
  const base::Clock& clock_;
  std::string server_;
  Person& person_;
  mutable std::map<crypto::Digest, base::Status> known_;
  mutable std::optional<base::Error> failure_;
};

}  // namespace heqi::program
