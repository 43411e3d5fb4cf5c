// module_process.h: a node process that holds WebAssembly devices (web/tests/module_server.mjs).
// Calls go through two pipes; while one runs, the process asks back for random octets, time and
// files.
#pragma once
#include <functional>

#include <heqi/base/bytes.h>

namespace heqi::device {

class ModuleProcess {
 public:
  // only starts the process when it is first asked for; its end is the end of the program.
  static ModuleProcess& only();

  enum class Call : std::uint8_t { make = 1, open = 2, command = 3, digit = 4, drop = 5 };
  enum class Question : std::uint8_t {
    random = 100,
    now = 101,
    steady = 102,
    read = 103,
    write = 104,
    remove = 105,
    progress = 106,
  };
  using Answer = std::function<base::Bytes(Question question, base::ByteView payload)>;

  // call aborts the program where the process does not answer: it has trapped, and said why.
  base::Bytes call(Call call, base::ByteView payload, const Answer& answer);

 private:
  ModuleProcess();
  void write_frame(std::uint8_t type, base::ByteView payload);
  std::pair<std::uint8_t, base::Bytes> read_frame();
  void read_whole(std::uint8_t* out, std::size_t size);
  void write_whole(const std::uint8_t* data, std::size_t size);

  int to_ = -1, from_ = -1;
};

// Numbers in payloads are little-endian.
inline void append_u32(base::Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}
inline std::uint32_t read_u32(base::ByteView in) {
  return std::uint32_t(in[0]) | std::uint32_t(in[1]) << 8 | std::uint32_t(in[2]) << 16 |
         std::uint32_t(in[3]) << 24;
}

}  // namespace heqi::device
