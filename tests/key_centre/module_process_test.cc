// heqi-module as a process, and its administrator at a terminal.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi {
namespace {

// Centre is heqi-module with its own folder. said is what it wrote until it had started, or ended.
class Centre {
 public:
  explicit Centre(const std::string& more = "") {
    EXPECT_OK(base::write_file(configuration(),
                               base::bytes_of("socket = \"" + folder_.path() +
                                              "/socket\"\ndatabase = \"sqlite:" + folder_.path() +
                                              "/module.db\"\nstate_folder = \"" + folder_.path() +
                                              "/state\"\nwrapping_folder = \"" + folder_.path() +
                                              "/wrapping\"\n" + more)));
    start();
  }
  ~Centre() {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  Centre(const Centre&) = delete;
  Centre& operator=(const Centre&) = delete;

  std::string configuration() const { return folder_.path() + "/module.conf"; }
  std::string first_password() const {
    const auto file = base::read_file(folder_.path() + "/wrapping/administrator-password", 256);
    EXPECT_OK(file);
    return std::string(base::text_of(*file));
  }

  std::string socket() const { return folder_.path() + "/socket"; }
  pid_t id() const { return id_; }

  std::string said;

 private:
  void start() {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    std::string program = HEQI_MODULE_PROGRAM, flag = "--config", file = configuration();
    char* arguments[] = {program.data(), flag.data(), file.data(), nullptr};
    ASSERT_EQ(::posix_spawn(&id_, program.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    char block[512];
    ssize_t got = 0;
    while (said.find("module.started") == std::string::npos &&
           (got = ::read(ends[0], block, sizeof block)) > 0)
      said.append(block, static_cast<std::size_t>(got));
    ::close(ends[0]);
  }

  testing::TemporaryFolder folder_;
  pid_t id_ = -1;
};

// sockets_of are the numbers of a process's sockets, those_of what a table of the kernel lists.
std::set<std::string> sockets_of(pid_t process) {
  std::set<std::string> out;
  std::error_code error;
  for (const auto& one :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/fd", error)) {
    const std::string target = std::filesystem::read_symlink(one.path(), error).string();
    if (target.starts_with("socket:[")) out.insert(target.substr(8, target.size() - 9));
  }
  return out;
}

std::size_t listed_in(pid_t process, const std::string& table) {
  std::ifstream lines("/proc/" + std::to_string(process) + "/net/" + table);
  const std::set<std::string> own = sockets_of(process);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    for (std::string word; words >> word;)
      if (own.contains(word)) ++count;
  }
  return count;
}

std::size_t ports_of(pid_t process) {
  std::size_t count = 0;
  for (const char* table : {"tcp", "tcp6", "udp", "udp6", "raw", "raw6"})
    count += listed_in(process, table);
  return count;
}

// can_connect tries it in a process of another user; only root can become one.
bool can_connect(const std::string& socket, uid_t user) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setuid(user) != 0) ::_exit(2);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(address.sun_path, sizeof address.sun_path - 1);
    const int end = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ::_exit(::connect(end, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) != 2);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// AtTerminal is heqi-module --administer with a terminal of its own. said is all that the terminal
// shows, what it echoes included.
class AtTerminal {
 public:
  AtTerminal(const Centre& centre, const char* act) {
    const std::string file = centre.configuration();
    id_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (id_ == 0) {
      ::execl(HEQI_MODULE_PROGRAM, HEQI_MODULE_PROGRAM, "--config", file.c_str(), "--administer",
              act, static_cast<char*>(nullptr));
      ::_exit(127);
    }
  }
  ~AtTerminal() { ::close(terminal_); }
  AtTerminal(const AtTerminal&) = delete;
  AtTerminal& operator=(const AtTerminal&) = delete;

  // type answers the question that ends with `question`.
  void type(std::string_view question, const std::string& line) {
    while (said.find(question, asked_) == std::string::npos && read_some()) continue;
    asked_ = said.find(question, asked_) + question.size();
    ASSERT_EQ(::write(terminal_, (line + "\n").data(), line.size() + 1),
              static_cast<ssize_t>(line.size() + 1));
  }
  int end() {
    while (read_some()) continue;
    int status = 0;
    ::waitpid(id_, &status, 0);
    return WEXITSTATUS(status);
  }
  std::string said;

 private:
  bool read_some() {
    char block[512];
    const ssize_t got = ::read(terminal_, block, sizeof block);
    if (got > 0) said.append(block, static_cast<std::size_t>(got));
    return got > 0;
  }
  int terminal_ = -1;
  pid_t id_ = -1;
  std::size_t asked_ = 0;
};

const std::string kChosen = "correct horse 7", kOther = "correct horse 8";

// Who wants a half of a signature asks the platform, which is the module's one user.
// shows: ZSA37-C-f
TEST(ModuleProcess, HasNoPortOfTheNetworkAndASocketForItsUserAlone) {
  const Centre centre;
  EXPECT_EQ(ports_of(centre.id()), 0u) << centre.said;
  EXPECT_GE(listed_in(centre.id(), "unix"), 1u);
  const int port = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::listen(port, 1), 0);
  EXPECT_EQ(ports_of(::getpid()), 1u) << "the search finds nothing";
  ::close(port);
  std::error_code error;
  const auto rights = std::filesystem::status(centre.socket(), error).permissions();
  EXPECT_EQ(rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
  if (::geteuid() != 0) return;  // only root can come as another user
  EXPECT_TRUE(can_connect(centre.socket(), 0));
  EXPECT_FALSE(can_connect(centre.socket(), 65'534));
}

// shows: KEP-10.3-c, KEP-16-c
TEST(ModuleProcess, PasswordsAreTypedWithoutEchoAndANewOneTwice) {
  const Centre centre;
  ASSERT_NE(centre.said.find("module.started"), std::string::npos) << centre.said;
  const std::string first = centre.first_password();
  {
    AtTerminal differs(centre, "change_password");
    differs.type("口令: ", first);
    differs.type("new password 新口令: ", kChosen);
    differs.type("again 再次输入: ", kOther);
    EXPECT_EQ(differs.end(), 1);
    EXPECT_NE(differs.said.find("differ"), std::string::npos) << differs.said;
  }
  EXPECT_EQ(centre.first_password(), first);
  AtTerminal change(centre, "change_password");
  change.type("口令: ", first);
  change.type("new password 新口令: ", kChosen);
  change.type("again 再次输入: ", kChosen);
  EXPECT_EQ(change.end(), 0);
  EXPECT_NE(change.said.find("done"), std::string::npos) << change.said;
  for (const std::string& secret : {first, kChosen})
    EXPECT_EQ(change.said.find(secret), std::string::npos) << "the terminal showed a password";
  AtTerminal list(centre, "list_acts");
  list.type("口令: ", kChosen);
  EXPECT_EQ(list.end(), 0);
  EXPECT_NE(list.said.find("change_password"), std::string::npos) << list.said;
  EXPECT_EQ(list.said.find(kChosen), std::string::npos);
}

// shows: KEP-L2-b
TEST(ModuleProcess, ANumberOfTriesThatIsNoneIsRefusedAtTheStart) {
  for (const char* tries : {"0", "10", "-1"}) {
    const Centre centre(std::string("pin_tries = ") + tries + "\n");
    EXPECT_NE(centre.said.find("pin_tries"), std::string::npos) << centre.said;
    EXPECT_EQ(centre.said.find("module.started"), std::string::npos);
  }
  const Centre fine("pin_tries = 5\n");
  EXPECT_NE(fine.said.find("module.started"), std::string::npos) << fine.said;
}

}  // namespace
}  // namespace heqi
