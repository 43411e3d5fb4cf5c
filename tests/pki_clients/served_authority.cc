#include "served_authority.h"

#include <sys/wait.h>
#include <unistd.h>

#include <heqi/base/text.h>

#include "free_port.h"

namespace heqi::demo {

ServedAuthority::ServedAuthority(const std::string& algorithm, std::string challenge_addresses)
    : challenge_addresses_(std::move(challenge_addresses)),
      tls_port_(*program::free_port()),
      plain_port_(*program::free_port()),
      challenge_port_(*program::free_port()) {
  write(at("pass"), base::bytes_of("correct horse battery\n"));
  const Ran made = ca("init", "--organization Test --algorithm " + algorithm + " --url " +
                                  plain_url() + " --passphrase-file " + at("pass"));
  EXPECT_EQ(made.status, 0) << made.output;
  for (const char* name : {"root", "issuing", "ocsp", "tsa"})
    shell("openssl x509 -inform DER -in " + at("ca/") + name + ".cer -out " + at(name) + ".pem");
  shell("cat " + at("root.pem") + " " + at("issuing.pem") + " > " + at("chain.pem"));
  start_again();
}

void ServedAuthority::start_again() {
  auto process = program::Process::start(
      {HEQI_PROGRAM, "ca", "serve", at("ca"), "--port", std::to_string(tls_port_), "--pki-port",
       std::to_string(plain_port_), "--challenge-port", std::to_string(challenge_port_),
       "--challenge-addresses", challenge_addresses_, "--passphrase-file", at("pass")},
      at("server.log"));
  ASSERT_OK(process);
  process_.emplace(*std::move(process));
  ASSERT_OK(program::wait_for_port(tls_port_, *process_, std::chrono::seconds(60)));
}

int ServedAuthority::wait() {
  for (int i = 0; i < 1'500; ++i) {  // for half a minute
    int status = 0;
    if (::waitpid(process_->id(), &status, WNOHANG) > 0)
      return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ::usleep(20'000);
  }
  return -1;
}

Ran ServedAuthority::ca(const std::string& command, const std::string& arguments) const {
  return shell(std::string(HEQI_PROGRAM) + " ca " + command + " " + at("ca") + " " + arguments);
}

std::string ServedAuthority::code_for(const std::string& id, const std::string& profile,
                                      const std::string& name, const std::string& more) const {
  const Ran applied = ca("apply", "--id " + id + " --profile " + profile + " --holder " + id +
                                      " --name '" + name + "' --who clerk " + more);
  EXPECT_EQ(applied.status, 0) << applied.output;
  std::string said = applied.output;
  for (const std::string who : {"officer", "supervisor"}) {  // some profiles want two
    if (said.find("approved") != std::string::npos) break;
    const Ran approved = ca("review", "--id " + id + " --who " + who);
    EXPECT_EQ(approved.status, 0) << approved.output;
    said = approved.output;
  }
  const Ran made = ca("code", "--id " + id);
  EXPECT_EQ(made.status, 0) << made.output;
  return std::string(base::trim(made.output));
}

}  // namespace heqi::demo
