// served_authority.h: `heqi ca serve` over a folder, as people run it.
#pragma once
#include <gtest/gtest.h>

#include <optional>

#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "process.h"
#include "shell.h"

namespace heqi::demo {

// ServedAuthority is made once for a suite: an init stretches the passphrase for a second.
class ServedAuthority {
 public:
  // start makes an authority of this algorithm and serves it. The platform of the tests proves its
  // names on `challenge_port`, at `challenge_addresses` ("any", "public").
  explicit ServedAuthority(const std::string& algorithm, std::string challenge_addresses = "any");

  std::string at(const std::string& name) const { return folder_.path() + "/" + name; }
  // ca runs `heqi ca COMMAND DIR …` beside the server, with the passphrase where it is asked for.
  Ran ca(const std::string& command, const std::string& arguments) const;
  // code_for applies for a certificate, has it approved, and makes the authorisation code.
  std::string code_for(const std::string& id, const std::string& profile, const std::string& name,
                       const std::string& more = "") const;
  std::string tls_url() const { return "https://localhost:" + std::to_string(tls_port_); }
  std::string plain_url() const { return "http://127.0.0.1:" + std::to_string(plain_port_); }
  std::uint16_t challenge_port() const { return challenge_port_; }
  // stop ends the server; start_again opens it anew on the same ports.
  void stop() { process_.reset(); }
  void start_again();
  // id is the serving process's; wait waits until it ends by itself, and gives its exit
  // code; -1 where it does not.
  pid_t id() const { return process_->id(); }
  int wait();

 private:
  testing::TemporaryFolder folder_;
  std::string challenge_addresses_;
  std::uint16_t tls_port_, plain_port_, challenge_port_;
  std::optional<program::Process> process_;
};

}  // namespace heqi::demo
