// platform.h: a device process and a platform in this process, around the world of the device's
// own tests: the socket and the messages are real, the network is a function call.
#pragma once
#include <heqi/base/json.h>
#include <heqi/base/local_socket.h>
#include <heqi/device/commands.h>
#include <heqi/testing/seeded.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "terminal.h"
#include "world.h"

namespace heqi::program {

// DeviceProcess serves a device on a socket, as heqi-device does.
class DeviceProcess {
 public:
  using Run = std::function<base::Bytes(base::ByteView command)>;
  explicit DeviceProcess(device::World& world)
      : DeviceProcess([&world](base::ByteView command) {
          return device::run_command(*world.msd, command);
        }) {}
  explicit DeviceProcess(Run run) {
    listener_ = device::must(base::LocalListener::listen(socket()));
    thread_ = std::thread([this, run = std::move(run)] {
      listener_->run([&](base::LocalConnection& connection) {
        while (auto command = connection.receive(device::kCommandSizeMax))
          if (!connection.send(run(*command))) return;
      });
    });
  }
  ~DeviceProcess() {
    listener_->stop();
    thread_.join();
  }
  std::string socket() const { return folder_.path() + "/device"; }

 private:
  testing::TemporaryFolder folder_;
  std::unique_ptr<base::LocalListener> listener_;
  std::thread thread_;
};

// Platform answers like heqi serve.
class Platform final : public base::Fetch {
 public:
  using Carry = std::function<base::Result<base::Bytes>(const device::Step&)>;
  explicit Platform(device::World& world)
      : Platform(world, [&world](const device::Step& step) { return world.carry(step); }) {}
  Platform(device::World& world, Carry carry) : world_(world), carry_(std::move(carry)) {}

  base::Result<base::FetchAnswer> fetch(const base::FetchRequest& request) override {
    asked.push_back(request.method + " " + request.url);
    if (failures > 0) {
      --failures;
      return base::fail(base::Code::unavailable, "test: the line is cut");
    }
    const std::string path = request.url.substr(request.url.find('/', 8));
    if (path == "/s/s3cret/sign") {
      if (refusal) return problem(*refusal);
      if (requested) world_.service.requests.push_back(*requested);
      return base::FetchAnswer{202, "application/json",
                               base::to_bytes(R"({"transaction":"tx-1"})")};
    }
    if (path == "/s/s3cret/code")
      return base::FetchAnswer{202, "application/json", base::to_bytes("{}")};
    if (path == "/s/s3cret/session") {
      if (base::text_of(request.body) != R"({"code":"271828"})")
        return problem(base::Code::unauthenticated);
      return base::FetchAnswer{201, "application/json", base::to_bytes(R"({"session":"s3ssion"})")};
    }
    const bool in_session =
        std::any_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
          return header.first == "Authorization" && header.second == "Bearer s3ssion";
        });
    if ((path == "/s/s3cret/document" || path == "/s/s3cret/decline") && !in_session)
      return problem(base::Code::unauthenticated);
    if (path == "/s/s3cret/document")
      return base::FetchAnswer{200, "application/pdf", base::to_bytes("%PDF-1.7 x")};
    if (path == "/s/s3cret/decline") {
      declined = base::text_of(request.body);
      return base::FetchAnswer{200, "application/json", base::to_bytes("{}")};
    }
    device::Step step;
    step.message = request.body;
    if (path == "/device/v1/register") {
      step.destination = device::Destination::registration;
    } else if (path == "/device/v1/service") {
      step.destination = device::Destination::service;
    } else if (path == "/device/v1/key-centre") {
      step.destination = device::Destination::key_centre;
    } else {
      return problem(base::Code::not_found);
    }
    HEQI_TRY(base::Bytes answer, carry_(step));
    return base::FetchAnswer{200, "application/octet-stream", std::move(answer)};
  }

  unsigned failures = 0;  // of the next requests
  std::optional<base::Code> refusal;
  std::optional<device::SignRequest> requested;
  std::string declined;
  std::vector<std::string> asked;

 private:
  static base::FetchAnswer problem(base::Code code) {
    base::JsonWriter json;
    json.begin_object()
        .field("id", base::error_text(code).id)
        .field("detail", "as the platform says")
        .end_object();
    return {base::error_text(code).http_status, "application/problem+json",
            base::to_bytes(json.str())};
  }
  device::World& world_;
  Carry carry_;
};

}  // namespace heqi::program
