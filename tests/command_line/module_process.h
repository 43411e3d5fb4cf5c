// module_process.h: a device with the module around it, as heqi-device runs it.
#pragma once
#include <heqi/device/module.h>
#include <heqi/device/pin_input.h>

#include "platform.h"

namespace heqi::program {

// ModuleProcess serves a module over the files of a world.
class ModuleProcess {
 public:
  explicit ModuleProcess(device::World& world)
      : module_(device::Module::open({{*world.store, *world.key_store, world.random, world.clock},
                                      log_,
                                      {},
                                      {std::string(device::kApplicationTakesPin)}},
                                     {3, "测试设备", {}, {}})),
        listener_(device::must(base::LocalListener::listen(socket()))),
        thread_([this] {
          listener_->run([this](base::LocalConnection& connection) {
            while (auto command = connection.receive(device::kCommandSizeMax))
              if (!connection.send(module_->run(*command))) return;
          });
        }) {}
  ~ModuleProcess() {
    listener_->stop();
    thread_.join();
  }
  ModuleProcess(const ModuleProcess&) = delete;
  ModuleProcess& operator=(const ModuleProcess&) = delete;
  std::string socket() const { return folder_.path() + "/device"; }

 private:
  testing::TemporaryFolder folder_;
  base::NullLog log_;
  std::unique_ptr<device::Module> module_;
  std::unique_ptr<base::LocalListener> listener_;
  std::thread thread_;
};

}  // namespace heqi::program
