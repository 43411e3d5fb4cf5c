// A key in a file is in no reader's memory: the component leaves it to heqi's own process.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../command_line/hidden_secret.h"
#include "component_reader.h"
#include "process.h"

namespace heqi::program {
namespace {

class KeyOfAReader : public SealComponent {
 protected:
  void configure_program(const std::string& program) {
    configure("alice");
    write(at("oes.conf"), std::string(base::text_of(*base::read_file(at("oes.conf"), 4'096))) +
                              "program = \"" + program + "\"\n");
  }
  // program is heqi as the component starts it: it tells when it ends, and stays until it may go,
  // so that the reader waits inside the call.
  void make_program(const std::string& program) {
    write(at("heqi.sh"), "#!/bin/sh\n" + program + " \"$@\"\necho > " + at("signed") +
                             "\nread go < " + at("go") + "\n");
    ASSERT_EQ(shell("chmod 0700 " + at("heqi.sh") + " && mkfifo " + at("signed") + " " + at("go")),
              0);
  }
  // hears waits half a minute at the most for what is written to the pipe of this name.
  bool hears(const std::string& name) {
    // Open for both, so that neither side waits for the other to open it.
    const int pipe = ::open(at(name).c_str(), O_RDWR | O_CLOEXEC);
    pollfd waiting{pipe, POLLIN, 0};
    const bool heard = ::poll(&waiting, 1, 30'000) == 1;
    ::close(pipe);
    return heard;
  }
  unsigned long seal_once(Piece& value) { return seal_file(prepare(), value); }
};

// shows: ZSA37-DEP-a
TEST_F(KeyOfAReader, IsInAnotherProcessWhileTheReaderSeals) {
  make_program(std::filesystem::path(HEQI_PROGRAM));
  configure_program(at("heqi.sh"));
  const Hidden key = hide_key_file(at("alice.key"));
  auto running = Process::start(
      {HEQI_READER_PROGRAM, HEQI_OES_LIBRARY, std::string(kId), std::string(64, 'a')},
      at("reader.log"));
  ASSERT_OK(running);
  ASSERT_TRUE(hears("signed")) << "the key was not opened by the program that is configured";
  const Hidden::Look look = key.look_into(std::to_string(running->id()));
  ASSERT_GT(look.octets, std::size_t{1} << 16);
  EXPECT_FALSE(look.found);
  ASSERT_EQ(shell("echo go > " + at("go")), 0);
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(running->id()), &ended, WEXITED | WNOWAIT), 0);
  const std::string said(base::text_of(*base::read_file(at("reader.log"), 4'096)));
  EXPECT_EQ(said.substr(0, 2), "0 ") << said;
  // The same search finds it where it is held.
  const auto here = key_in_file(at("alice.key"));
  ASSERT_OK(here);
  EXPECT_TRUE(key.is_in_this_process());
}

TEST_F(KeyOfAReader, IsOpenedByTheProgramBesideTheLibraryWhereNoneIsNamed) {
  Piece value;
  const unsigned long code = seal_once(value);
  EXPECT_EQ(code, 0UL) << words(code);
}

TEST_F(KeyOfAReader, IsNotOpenedWithoutAProgram) {
  configure_program(at("nowhere"));
  Piece none;
  const unsigned long code = seal_once(none);
  EXPECT_NE(code, 0UL);
  configure_program("/bin/true");
  EXPECT_NE(seal_once(none), 0UL);
  // A library that lies alone says what to do.
  std::filesystem::create_directories(at("alone"));
  std::filesystem::copy_file(HEQI_OES_LIBRARY, at("alone/liboes.so"));
  configure("alice");
  reader_close(reader);
  reader = reader_load(at("alone/liboes.so").c_str());
  ASSERT_NE(reader, nullptr);
  const unsigned long lonely = seal_once(none);
  EXPECT_NE(lonely, 0UL);
  EXPECT_NE(words(lonely).find("program"), std::string::npos) << words(lonely);
}

}  // namespace
}  // namespace heqi::program
