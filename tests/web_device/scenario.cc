// heqi_device_scenario FILE [ROUNDS]: drives the device's module natively through a whole life and
// writes down every call: what went in, which random octets it drew, what it wrote, what came out.
// The WebAssembly module must do the same, octet by octet (web/tests/replay.ts).
#include <cstdio>
#include <cstdlib>

#include <heqi/base/file_store.h>
#include <heqi/device/commands.h>

#include "host.h"
#include "module.h"
#include "tests/world.h"

namespace heqi::device {
namespace {

using base::Bytes;
using base::ByteView;

// Record is one line of the file.
struct Record {
  std::string call;  // JSON fields of the call
  Bytes random;
  std::string writes;  // JSON of [store, name, content or null]
};

// Host is the native host: a seed, a clock that stands, files in memory.
struct Host {
  testing::SeededRandom random{2026};
  testing::FakeClock clock{test_time()};
  testing::MemoryStore stores[2];
  Record record;
  std::string written;

  void begin(std::string call) { record = {std::move(call), {}, {}}; }
  void end(ByteView reply) {
    written += "{" + record.call + ",\"random\":\"" + base::to_hex(record.random) +
               "\",\"writes\":[" + record.writes + "],\"reply\":\"" + base::to_hex(reply) + "\"}\n";
  }
  void wrote(std::int32_t store, std::string_view name, const std::string& content) {
    if (!record.writes.empty()) record.writes += ',';
    record.writes +=
        "[" + std::to_string(store) + ",\"" + std::string(name) + "\"," + content + "]";
  }
};
Host* the_host = nullptr;

std::string quoted(ByteView octets) {
  return "\"" + base::to_hex(octets) + "\"";
}

ByteView reply() {
  return {heqi_reply(), heqi_reply_size()};
}

// Driver calls the module, and carries its messages to the world.
class Driver {
 public:
  Driver(World& world, Host& host, std::uint32_t rounds)
      : world_(world), host_(host), rounds_(rounds) {}

  void open() {
    keys_.clear();
    for (const crypto::PublicKey& key :
         {world_.service.signer.public_key(), world_.key_centre.signer.public_key(),
          world_.key_centre.opening_key.public_key()})
      base::append(keys_, key.encode());
    const std::string name = "测试浏览器";
    host_.begin("\"call\":\"open\",\"name\":" + quoted(base::bytes_of(name)) +
                ",\"keys\":" + quoted(keys_) + ",\"rounds\":" + std::to_string(rounds_));
    const HeqiOpen options{name.data(), name.size(), keys_.data(), keys_.size(), rounds_};
    heqi_open(&options);
    host_.end(reply());
  }

  Reply run(const Command& command) {
    const base::SecretBytes der = encode_command(command);
    host_.begin("\"call\":\"command\",\"der\":" + quoted(der.expose()));
    heqi_command(der.expose().data(), der.size());
    host_.end(reply());
    return must(parse_reply(reply()));
  }

  // follow runs a command and carries messages until the device wants something else.
  Reply follow(const Command& command) {
    Reply answer = run(command);
    while (answer.step && answer.step->kind == Step::Kind::send) {
      Command deliver;
      deliver.type = CommandType::deliver;
      deliver.message = must(world_.carry(*answer.step));
      answer = run(deliver);
    }
    return answer;
  }

  void type(std::uint32_t entry, std::string_view digits) {
    for (const char digit : digits) {
      const auto value = static_cast<std::uint32_t>(digit - '0');
      host_.begin("\"call\":\"digit\",\"entry\":" + std::to_string(entry) +
                  ",\"digit\":" + std::to_string(value));
      const auto taken = static_cast<std::uint8_t>(heqi_pin_digit(entry, value));
      host_.end(ByteView(&taken, 1));
    }
  }

  void digest(ByteView octets) {
    host_.begin("\"call\":\"digest\",\"octets\":" + quoted(octets));
    crypto::Digest out;
    heqi_digest_start();
    heqi_digest_update(octets.data(), octets.size());
    heqi_digest_finish(out.data());
    host_.end(out);
  }

  Reply confirm(const Reply& shown, std::string_view pin) {
    type(0, pin);
    Command command;
    command.type = CommandType::confirm;
    command.text = shown.step->display->transaction_id;
    command.digest = shown.step->display->digest;
    return follow(command);
  }

 private:
  World& world_;
  Host& host_;
  std::uint32_t rounds_;
  Bytes keys_;
};

Command of_type(CommandType type, std::string text = {}) {
  Command command;
  command.type = type;
  command.text = std::move(text);
  return command;
}

Step::Kind kind_of(const Reply& reply) {
  HEQI_CHECK(reply.step.has_value());
  return reply.step->kind;
}

// choose_pin gives the display of the certificate request.
Reply choose_pin(Driver& driver) {
  driver.type(0, kRightPin);
  driver.type(1, kRightPin);
  Reply shown = driver.follow(of_type(CommandType::choose_pin));
  HEQI_CHECK(kind_of(shown) == Step::Kind::confirm);
  return shown;
}

void enrol(World& world, Driver& driver) {
  driver.run(of_type(CommandType::information));
  driver.run(of_type(CommandType::poll));  // refused: the device is empty
  driver.run(of_type(CommandType::initialise));
  driver.follow(of_type(CommandType::enrol, "no code"));
  HEQI_CHECK(kind_of(driver.follow(of_type(CommandType::enrol, world.code))) ==
             Step::Kind::choose_pin);
  driver.type(0, "123");
  HEQI_CHECK(driver.follow(of_type(CommandType::choose_pin)).failure.has_value());  // too short
  Reply shown = choose_pin(driver);
  // A wrong PIN ends what is remembered of the chosen one, and so does any question in between.
  shown = driver.confirm(shown, kWrongPin);
  HEQI_CHECK(kind_of(shown) == Step::Kind::confirm);
  HEQI_CHECK(driver.confirm(shown, "").failure->code == base::Code::malformed);
  driver.follow(of_type(CommandType::enrol, world.code));
  choose_pin(driver);
  shown = driver.follow(of_type(CommandType::poll));
  HEQI_CHECK(driver.confirm(shown, "").failure->code == base::Code::malformed);
  driver.follow(of_type(CommandType::enrol, world.code));
  shown = choose_pin(driver);
  HEQI_CHECK(driver.confirm(shown, "").step->outcome == "certificate_installed");
}

void sign(World& world, Driver& driver, std::size_t size, const std::string& id) {
  std::string data = "%PDF-1.7 ";
  while (data.size() < size) data += "租赁合同第" + std::to_string(data.size()) + "字节；";
  world.service.requests.push_back(world.request(data, id));
  const Reply shown = driver.follow(of_type(CommandType::poll));
  HEQI_CHECK(kind_of(shown) == Step::Kind::confirm);
  driver.digest(driver.run(of_type(CommandType::data, id)).data);
  HEQI_CHECK(driver.confirm(shown, "").failure->code == base::Code::malformed);  // a PIN for each
  HEQI_CHECK(driver.confirm(shown, kRightPin).step->outcome == "signed");
}

void decline_and_lose(World& world, Driver& driver) {
  world.service.requests.push_back(world.request("to be declined", "tx-3"));
  driver.follow(of_type(CommandType::poll));
  HEQI_CHECK(driver.follow(of_type(CommandType::cancel, "tx-3")).step->outcome == "cancelled");
  driver.run(of_type(CommandType::poll));  // its answer is lost
  driver.open();                           // the browser was closed
  HEQI_CHECK(kind_of(driver.follow(of_type(CommandType::poll))) == Step::Kind::idle);
}

void lie_and_retire(World& world, Driver& driver) {
  world.service.requests.push_back(world.request("the key centre locks", "tx-4"));
  const Reply shown = driver.follow(of_type(CommandType::poll));
  Command swapped = of_type(CommandType::confirm, "tx-4");
  swapped.digest = crypto::sm3(base::bytes_of("other data"));
  driver.type(0, kRightPin);
  HEQI_CHECK(driver.run(swapped).failure->code == base::Code::device_display_differs);
  world.key_centre.locked = base::Code::cosign_pin_locked;
  HEQI_CHECK(driver.confirm(shown, kRightPin).step->refusal == base::Code::cosign_pin_locked);
  driver.run(of_type(CommandType::information));
  driver.run(of_type(CommandType::retire));
  driver.open();
}

int write_scenario(const char* path, std::uint32_t rounds) {
  Host host;
  the_host = &host;
  World world(7);
  Driver driver(world, host, rounds);
  driver.open();
  enrol(world, driver);
  sign(world, driver, 1'000, "tx-1");
  sign(world, driver, 100'000, "tx-2");
  decline_and_lose(world, driver);
  lie_and_retire(world, driver);
  const auto status = base::write_file(path, base::bytes_of(host.written));
  return status && !::testing::Test::HasFailure() ? 0 : 1;
}

}  // namespace

namespace host_calls {

std::int32_t read(std::int32_t store, std::string_view name, std::uint8_t* out, std::size_t room) {
  const auto& files = the_host->stores[store].files;
  const auto found = files.find(name);
  if (found == files.end()) return -1;
  if (room >= found->second.size()) std::copy(found->second.begin(), found->second.end(), out);
  return static_cast<std::int32_t>(found->second.size());
}

}  // namespace host_calls
}  // namespace heqi::device

using heqi::device::the_host;

std::int32_t heqi_host_random(std::uint8_t* out, std::size_t size) {
  const heqi::base::MutableByteView octets(out, size);
  if (!the_host->random.fill(octets)) return 1;
  heqi::base::append(the_host->record.random, octets);
  return 0;
}
double heqi_host_now() {
  return static_cast<double>(heqi::base::micros(the_host->clock.now()));
}
double heqi_host_steady() {
  return static_cast<double>(the_host->clock.steady().count());
}
std::int32_t heqi_host_read(std::int32_t store, const char* name, std::size_t name_size,
                            std::uint8_t* out, std::size_t room) {
  return heqi::device::host_calls::read(store, {name, name_size}, out, room);
}
std::int32_t heqi_host_write(std::int32_t store, const char* name, std::size_t name_size,
                             const std::uint8_t* content, std::size_t size) {
  the_host->wrote(store, {name, name_size}, heqi::device::quoted({content, size}));
  return the_host->stores[store].write({name, name_size}, {content, size}) ? 0 : 1;
}
std::int32_t heqi_host_remove(std::int32_t store, const char* name, std::size_t name_size) {
  the_host->wrote(store, {name, name_size}, "null");
  return the_host->stores[store].remove({name, name_size}) ? 0 : 1;
}
void heqi_host_progress(std::uint32_t) {}

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "heqi_device_scenario FILE [ROUNDS]\n");
    return 2;
  }
  const auto rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 3;
  return heqi::device::write_scenario(argv[1], static_cast<std::uint32_t>(rounds));
}
