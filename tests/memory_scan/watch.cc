#include "watch.h"

#include <unistd.h>

namespace heqi::faults {
namespace {

constexpr useconds_t kPause = 1'000;  // microseconds between two looks

// place_of is the place of the last stop. A boundary between commands is an open one while the
// device waits for the key centre with its share and nonces in memory, as the exchange needs.
std::string place_of(const std::vector<Record>& records) {
  bool signs = false, agrees = false;
  std::string place;
  for (const Record& record : records) {
    if (!record.name.starts_with("at ")) continue;
    place = record.name;
    if (place == "at joint_open") signs = true;
    if (place == "at joint_finish") signs = agrees = false;
    if (place == "at pin") agrees = true;
    if (place != "at boundary") continue;
    if (signs || agrees) place = "at open boundary";
    agrees = false;  // one answer makes the key
  }
  return place;
}

// short_name is a find without the mapping.
std::string short_name(const std::string& find) {
  return find.substr(0, find.find(" @ "));
}

}  // namespace

Watch::Watch(Child& child, std::string reveal_file, std::string pin)
    : child_(child),
      reveal_file_(std::move(reveal_file)),
      pin_(std::move(pin)),
      thread_([this] { look(); }) {}

void Watch::finish() {
  running_ = false;
  if (thread_.joinable()) thread_.join();
}

void Watch::look() {
  while (running_) {
    ::usleep(kPause);
    const std::lock_guard lock(gate_);
    if (!child_.stands()) continue;
    const auto records = read_records(reveal_file_);
    if (records && !records->empty()) {
      Needles needles;
      needles.add_records(*records);
      needles.add_text("PIN", pin_);
      const auto found = find_in_memory(child_.id(), needles);
      std::set<std::string>& here = found_[place_of(*records)];
      if (found)
        for (const std::string& find : *found) here.insert(short_name(find));
    }
    child_.go_on();
  }
}

base::Result<std::unique_ptr<Subject>> Subject::open(Template& origin, SubjectOptions given) {
  std::unique_ptr<Subject> subject(new Subject);
  const std::string folder = subject->revealed_.path();
  WorldOptions options;
  options.pin_rounds = given.pin_rounds;
  options.module = {{"HEQI_REVEAL_FILE", folder + "/module"}};
  // Devices add to one file; only one of them is at work at a time.
  options.device = {{"HEQI_REVEAL_FILE", folder + "/device"}};
  if (given.stops == Stops::inside)
    for (auto* environment : {&options.module, &options.device})
      environment->emplace_back("HEQI_STOPS", "1");
  HEQI_TRY(subject->world_, World::open(origin, std::move(options)));
  World& world = *subject->world_;
  const auto watch = [&](Child& child, const char* name, const std::string& pin) {
    return std::make_unique<Watch>(child, folder + "/" + name, pin);
  };
  subject->device_watch_ = watch(world.device(0), "device", world.party(0).pin);
  subject->second_watch_ = watch(world.device(1), "device", world.party(1).pin);
  subject->module_watch_ = watch(world.module(), "module", world.party(0).pin);
  return subject;
}

base::Result<Needles> Subject::needles() const {
  Needles needles;
  std::vector<Record> all;
  for (const char* name : {"/device", "/module"}) {
    HEQI_TRY(const auto records, read_records(revealed_.path() + name));
    all.insert(all.end(), records.begin(), records.end());
  }
  needles.add_records(all);
  needles.add_joint_keys(all);
  needles.add_text("PIN", world_->party(0).pin);
  needles.add_text("PIN of the second", world_->party(1).pin);
  return needles;
}

base::Result<std::set<std::string>> Subject::look(Child& child, std::mutex& gate) {
  HEQI_TRY(const Needles all, needles());
  const std::lock_guard lock(gate);
  HEQI_TRY(child.halt());
  auto found = find_in_memory(child.id(), all);
  child.go_on();
  return found;
}

base::Result<std::set<std::string>> Subject::look_at_device(std::size_t party) {
  return look(world_->device(party), (party == 0 ? device_watch_ : second_watch_)->gate());
}

base::Result<std::set<std::string>> Subject::look_at_module() {
  return look(world_->module(), module_watch_->gate());
}

base::Result<std::set<std::string>> Subject::look_at_server() {
  return look(world_->server(), server_gate_);
}

}  // namespace heqi::faults
