// world.h: the whole platform as processes with fault hooks, and people who do the main job on it
// and try again where something failed, as people do.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <heqi/base/file_store.h>
#include <heqi/testing/seeded.h>

#include "child.h"
#include "demo_client.h"
#include "serve_command.h"
#include "terminal.h"

namespace heqi::faults {

// Party is one person with a device.
struct Party {
  std::string name, email, id_number, pin, id;
  std::string folder;  // of the device, without its endings
};

// Told is what a party's terminal said at the end: the client's recorded answer.
struct Told {
  std::size_t party = 0;
  std::string transaction;
};

// Template is a platform after its first start, with two persons who have no device yet; every
// World begins as a copy of it.
class Template {
 public:
  static base::Result<std::unique_ptr<Template>> make();

  std::string folder() const { return folder_.path(); }
  std::int64_t port = 0, signing_port = 0, pki_port = 0;
  std::string root_pem;
  std::unique_ptr<program::DeskClient> desk;
  std::vector<Party> parties;

 private:
  testing::TemporaryFolder folder_;
};

struct WorldOptions {
  Environment server, module, device;  // of the first start only
  std::uint32_t pin_rounds = 1'000;
};

class World {
 public:
  // open copies the template and starts key centre and server.
  static base::Result<std::unique_ptr<World>> open(Template& origin, WorldOptions options);
  ~World();

  // enrol, sign and finish do the main job: two persons get certificates, one contract is signed by
  // both. Each step is tried again until it is done. run does all of it.
  base::Status run();
  base::Status start_device(std::size_t party);
  base::Status enrol(std::size_t party);
  base::Status make_contract();
  base::Status sign(std::size_t party);
  base::Status finish();
  // update and revoke end the party's certificate as the person at the device does: by a new one,
  // which the platform has to find due, or for good.
  base::Status update(std::size_t party);
  base::Status revoke(std::size_t party);
  // change_pin, refresh and unbind are a person's care of the key; after a break of the first the
  // person tries the old PIN, and takes the new one where the old is wrong.
  base::Status change_pin(std::size_t party, const std::string& next);
  base::Status refresh(std::size_t party);
  base::Status unbind(std::size_t party);
  // choose_pin is the PIN that a person takes for the next key.
  void choose_pin(std::size_t party, std::string pin) { parties_.at(party).pin = std::move(pin); }
  base::Result<device::Information> information(std::size_t party);

  // persist does a step again and again until it is done, as people do.
  base::Status persist(const std::string& what, const std::function<base::Status()>& step);
  // with_terminal does something once at a party's terminal, with the party's PIN.
  base::Result<program::Outcome> with_terminal(
      std::size_t party,
      const std::function<base::Result<program::Outcome>(program::Terminal&, program::Person&,
                                                         terminal::TerminalClient&)>& act);

  // close waits until everything that is to be delivered has been, and ends the programs.
  base::Status close();
  // keep makes a closed world the beginning of all further ones: platform and devices.
  base::Status keep();

  std::string server_url() const { return "https://127.0.0.1:" + std::to_string(origin_.port); }
  std::string folder() const { return folder_.path(); }
  std::string platform() const { return folder() + "/platform"; }
  std::string database() const { return "sqlite:" + platform() + "/heqi.db"; }
  std::string module_configuration() const { return platform() + "/heqi-module.toml"; }
  // configure_module adds a line to the key centre's configuration and has it start again.
  base::Status configure_module(const std::string& line);
  // restart_module kills the key centre, and waits for the next.
  base::Status restart_module();
  std::string module_database() const { return "sqlite:" + platform() + "/module.db"; }
  Child& device(std::size_t party) { return *devices_.at(party); }
  Child& module() { return *module_.child; }
  Child& server() { return *server_.child; }
  const Party& party(std::size_t index) const { return parties_.at(index); }
  const std::string& contract() const { return contract_; }
  const base::Bytes& document() const { return document_; }
  const std::vector<Told>& told() const { return told_; }
  // story is what went wrong on the way, for the message of a failed test; logs are what the
  // programs said.
  std::string story();
  std::string logs() const;
  // deaths counts ends that were not asked for, without those of a server that waits for its key
  // centre.
  int deaths() const { return deaths_; }
  int last_death() const { return last_death_; }

 private:
  struct Service {
    std::vector<std::string> command;
    std::unique_ptr<Child> child;
  };
  World(Template& origin, WorldOptions options);
  base::Status copy_template();
  base::Status start_service(Service& service, const Environment& environment);
  base::Status wait_until_up();
  base::Status wait_until_delivered();
  void look_after();  // starts again what has died
  base::Status revive_devices();
  bool revive(Service& service, const char* name);
  void note(const std::string& line);
  base::Status try_enrol(std::size_t party);
  base::Status try_sign(std::size_t party, const std::string& link);
  base::Status try_update(std::size_t party, base::ByteView old);
  base::Status try_revoke(std::size_t party);
  base::Status try_change_pin(std::size_t party, const std::string& next);
  base::Status try_unbind(std::size_t party);
  base::Result<std::vector<std::string>> mails(std::string_view kind, const std::string& to,
                                               bool (*is_wanted)(std::string_view));

  Template& origin_;
  WorldOptions options_;
  testing::TemporaryFolder folder_;
  std::vector<Party> parties_;
  std::set<std::string> followed_;  // invitations whose contracts were signed
  std::mutex mutex_;
  Service module_, server_;
  std::vector<std::unique_ptr<Child>> devices_;
  std::atomic<bool> watched_{false}, closing_{false};
  std::atomic<int> deaths_{0}, last_death_{0};
  bool server_began_alone_ = false;  // no key centre answered when the server was started
  std::thread watcher_;
  std::string contract_;
  base::Bytes document_;
  std::vector<Told> told_;
  std::vector<std::string> story_;
};

}  // namespace heqi::faults
