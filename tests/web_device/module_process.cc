#include "module_process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <heqi/base/result.h>

extern char** environ;

namespace heqi::device {

using base::Bytes;
using base::ByteView;

ModuleProcess& ModuleProcess::only() {
  static ModuleProcess process;
  return process;
}

ModuleProcess::ModuleProcess() {
  if (::access(HEQI_DEVICE_WASM, R_OK) != 0) {
    std::puts("skipped: " HEQI_DEVICE_WASM " is missing; ./dev web builds it");
    std::exit(77);
  }
  int into[2], out_of[2];
  HEQI_CHECK(::pipe(into) == 0 && ::pipe(out_of) == 0);
  ::signal(SIGPIPE, SIG_IGN);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, into[0], 0);
  ::posix_spawn_file_actions_adddup2(&actions, out_of[1], 1);
  for (const int end : {into[0], into[1], out_of[0], out_of[1]})
    ::posix_spawn_file_actions_addclose(&actions, end);
  std::string node = HEQI_NODE, script = HEQI_MODULE_SERVER, wasm = HEQI_DEVICE_WASM;
  char* arguments[] = {node.data(), script.data(), wasm.data(), nullptr};
  pid_t child = 0;
  HEQI_CHECK(::posix_spawn(&child, HEQI_NODE, &actions, nullptr, arguments, environ) == 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(into[0]);
  ::close(out_of[1]);
  to_ = into[1];
  from_ = out_of[0];
}

void ModuleProcess::write_whole(const std::uint8_t* data, std::size_t size) {
  while (size > 0) {
    const ssize_t done = ::write(to_, data, size);
    HEQI_CHECK(done > 0);
    data += done;
    size -= static_cast<std::size_t>(done);
  }
}

void ModuleProcess::read_whole(std::uint8_t* out, std::size_t size) {
  while (size > 0) {
    const ssize_t done = ::read(from_, out, size);
    HEQI_CHECK(done > 0);
    out += done;
    size -= static_cast<std::size_t>(done);
  }
}

void ModuleProcess::write_frame(std::uint8_t type, ByteView payload) {
  Bytes frame;
  append_u32(frame, static_cast<std::uint32_t>(payload.size()));
  frame.push_back(type);
  base::append(frame, payload);
  write_whole(frame.data(), frame.size());
}

std::pair<std::uint8_t, Bytes> ModuleProcess::read_frame() {
  std::uint8_t head[5];
  read_whole(head, sizeof head);
  Bytes payload(read_u32(head));
  read_whole(payload.data(), payload.size());
  return {head[4], std::move(payload)};
}

Bytes ModuleProcess::call(Call call, ByteView payload, const Answer& answer) {
  constexpr std::uint8_t kDone = 6;
  write_frame(static_cast<std::uint8_t>(call), payload);
  for (;;) {
    auto [type, content] = read_frame();
    if (type == kDone) return content;
    write_frame(type, answer(static_cast<Question>(type), content));
  }
}

}  // namespace heqi::device
