// ca_serve_command.cc: heqi ca serve.
#include "ca_serve.h"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>

#include <heqi/api/api.h>
#include <heqi/base/text.h>
#include <heqi/http/server.h>

#include "adapters.h"
#include "authority_desk.h"
#include "time_source.h"
#include "tls_elsewhere.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 200'000'000};

struct Ports {
  std::string address;
  std::uint16_t tls = 0, plain = 0;
  ChallengeOptions challenges;
  std::vector<std::string> names;
};

Result<std::uint16_t> port_of(const Arguments& arguments, std::string_view name,
                              std::uint16_t otherwise) {
  const auto text = arguments.find(name);
  if (!text) return otherwise;
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size())
    return base::fail(Code::malformed, std::string(name) + " is a port, 0…65535");
  return value;
}

Result<Ports> read_ports(const Arguments& arguments) {
  Ports ports;
  ports.address = arguments.find("--address").value_or("127.0.0.1");
  HEQI_TRY(ports.tls, port_of(arguments, "--port", 8444));
  HEQI_TRY(ports.plain, port_of(arguments, "--pki-port", 8081));
  HEQI_TRY(ports.challenges.port, port_of(arguments, "--challenge-port", 80));
  HEQI_TRY(ports.challenges.addresses,
           parse_challenge_addresses(arguments.find("--challenge-addresses").value_or("public")));
  const std::string names = arguments.find("--names").value_or("localhost");
  for (const std::string_view name : base::split(names, ','))
    ports.names.emplace_back(base::trim(name));
  return ports;
}

// Serving holds the services of one authority in the order in which they use each other.
struct Serving {
  Serving(Office& given, const TimeKeeping& time, base::FileStore& evidence_files,
          ExternalAuthorities& external, const Ports& ports, base::Log& log)
      : office(given),
        responder({.issuer = given.hierarchy.issuing,
                   .responder = given.hierarchy.status_responder,
                   .signer = given.keys->signer(1),
                   .source = standing,
                   .clock = given.randomness->clock,
                   .log = log}),
        time_stamps(given.hierarchy.time_stamp_authority, given.keys->signer(2), *time.source,
                    time.policy, *given.randomness->generator, log),
        enrolment({*given.database, *given.authority, given.hierarchy, given.profiles, external,
                   evidence_files, given.randomness->clock, *given.randomness->generator, log},
                  "https://" + ports.names.front() + ":" + std::to_string(ports.tls),
                  ports.challenges) {
    api::add_pki_routes(plain_router, pki);
    enrolment.add_routes(tls_router);
  }

  Office& office;
  Register standing{*office.authority};
  services::ocsp::Responder responder;
  services::tsa::Authority time_stamps;
  EnrolmentOffice enrolment;
  api::PkiServices pki{*office.authority, office.hierarchy, responder, time_stamps};
  http::Router plain_router, tls_router;
};

// open_external reads the authorities of others that certify in place of this one, where the folder
// names some.
Result<ExternalAuthorities> open_external(const std::string& folder, const Office& office) {
  const std::string own = folder + "/external";
  std::error_code none;
  const bool has_some = std::filesystem::is_directory(own, none);
  return ExternalAuthorities::open(has_some ? own : "", office.randomness->clock);
}

Result<int> wait_for_the_end(const sigset_t& ending, const Office& office) {
  for (;;) {
    if (::sigtimedwait(&ending, nullptr, &kLook) > 0) return kExitDone;
    if (!office.database->healthy())
      return base::fail(Code::storage,
                        "the disk refused a write, so nothing is signed any more; make room or "
                        "mend the disk, then start again");
    if (!office.keys->is_running())
      return base::fail(Code::unavailable,
                        "the process that holds the keys has ended, so nothing is signed any more; "
                        "start again: what was asked for meanwhile is signed when it is asked for "
                        "once more");
  }
}

}  // namespace

Result<int> serve_ca(const Arguments& arguments) {
  sigset_t ending;
  sigemptyset(&ending);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, signal);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  HEQI_TRY(const Ports ports, read_ports(arguments));
  HEQI_TRY(const auto office, open_office_to_serve(arguments));
  base::Random& random = *office->randomness->generator;
  HEQI_TRY(const auto evidence, base::open_folder(arguments.operands()[0] + "/evidence"));
  HEQI_TRY(ExternalAuthorities external, open_external(arguments.operands()[0], *office));
  base::JsonLog log(STDERR_FILENO, office->randomness->clock, "heqi-ca");
  // The TLS root is nothing but a way to reach the authority.
  HEQI_TRY(LocalTls tls, open_local_tls(arguments.operands()[0] + "/tls", ports.names,
                                        {office->randomness->clock, log}));
  HEQI_TRY(const TimeKeeping time,
           open_time_source(arguments.find("--time-source").value_or("system"),
                            office->randomness->clock, random, log));
  Serving serving(*office, time, *evidence, external, ports, log);
  http::ServerOptions plain;
  plain.address = ports.address;
  plain.port = ports.plain;
  HEQI_TRY(const auto plain_server,
           http::Server::start(std::move(plain), serving.plain_router, random, log));
  http::ServerOptions secure;
  secure.address = ports.address;
  secure.port = ports.tls;
  secure.tls = std::move(tls.identity);
  HEQI_TRY(const auto server,
           http::Server::start(std::move(secure), serving.tls_router, random, log));
  std::printf("EST https://%s:%u/.well-known/est  ACME https://%s:%u/acme/directory\n",
              ports.names.front().c_str(), ports.tls, ports.names.front().c_str(), ports.tls);
  std::fflush(stdout);
  const Result<int> ended = wait_for_the_end(ending, *office);
  server->stop();
  plain_server->stop();
  return ended;
}

}  // namespace heqi::program
