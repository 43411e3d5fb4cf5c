// confined_run.h: programs that read what strangers wrote, in a process of their own: bounded in
// memory and time, and without what they do not need.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::program {

// Fence is what is closed before a program starts. own_program closes the rest itself, once it has
// read what it needs (close_all).
enum class Fence : std::uint8_t { own_program, foreign_program };

struct ConfinedRun {
  std::vector<std::string> arguments;  // the first is the program's path
  Fence fence = Fence::own_program;
  std::size_t answer_size_max = 64 * 1024;
};

// run_confined gives input to the program's standard input and returns what it writes. Fails with
// limit_exceeded where it needs too much time or memory or writes too much, with malformed where it
// ends otherwise than well, and with unavailable where it cannot be started.
base::Result<base::Bytes> run_confined(const ConfinedRun& run, base::ByteView input);

// close_all leaves this process reading and writing of what is open, and memory; every other system
// call ends it. Its time and memory are bounded too.
base::Status close_all();
// close_all_but_sockets is the same for a process that waits for others (key_holder.h): it may wait
// and send on what is open, and its time is not bounded.
base::Status close_all_but_sockets();

// read_to_end reads a descriptor until it ends, at most size_max octets; what is beyond is not
// read.
base::Bytes read_to_end(int descriptor, std::size_t size_max);
base::Status write_all(int descriptor, base::ByteView content);

}  // namespace heqi::program
