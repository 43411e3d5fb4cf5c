// watch.h: looks into a process at every place where its fault hooks stop it.
#pragma once
#include <atomic>
#include <thread>

#include "needles.h"
#include "world.h"

namespace heqi::faults {

// Watch scans child whenever it stops, for what it has revealed so far and for the PIN, and lets it
// go on. child outlives it.
class Watch {
 public:
  Watch(Child& child, std::string reveal_file, std::string pin);
  ~Watch() { finish(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // finish ends the watch; found is complete then.
  void finish();
  // found maps a place (heqi/base/fault_hooks.h) to the names of the secrets that stood in memory.
  const std::map<std::string, std::set<std::string>>& found() const { return found_; }
  // gate is held while the watch looks; who holds it may stop the process for another reason.
  std::mutex& gate() { return gate_; }

 private:
  void look();

  Child& child_;
  std::string reveal_file_, pin_;
  std::map<std::string, std::set<std::string>> found_;
  std::atomic<bool> running_{true};
  std::mutex gate_;
  std::thread thread_;
};

enum class Stops : std::uint8_t { inside, none };

struct SubjectOptions {
  std::uint32_t pin_rounds = 0;
  Stops stops = Stops::inside;  // none: the watches find nothing, and signing takes no longer
};

// Subject is a world whose programs tell what is secret, and may stop inside.
class Subject {
 public:
  static base::Result<std::unique_ptr<Subject>> open(Template& origin, SubjectOptions options);

  World& world() { return *world_; }
  Watch& device_watch() { return *device_watch_; }
  Watch& module_watch() { return *module_watch_; }
  // needles are all forms of all that was revealed so far, and the PINs.
  base::Result<Needles> needles() const;
  // look_at_* halt a process between operations, search it and let it go on.
  base::Result<std::set<std::string>> look_at_device(std::size_t party);
  base::Result<std::set<std::string>> look_at_module();
  base::Result<std::set<std::string>> look_at_server();

 private:
  base::Result<std::set<std::string>> look(Child& child, std::mutex& gate);

  std::mutex server_gate_;
  testing::TemporaryFolder revealed_;
  std::unique_ptr<World> world_;
  std::unique_ptr<Watch> device_watch_, second_watch_, module_watch_;
};

}  // namespace heqi::faults
