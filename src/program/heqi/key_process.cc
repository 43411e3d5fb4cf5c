#include "key_process.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <mutex>

#include "process.h"

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kKeyAnswerSizeMax = std::size_t{4} << 20;
// As many as the workers of the two servers of `heqi ca serve`.
constexpr int kFolderConnections = 8;
constexpr int kAboveAll = 64;  // descriptors from here on are in nobody's way

// Ends are the sockets of the connections: ours, and the process's.
struct Ends {
  ~Ends() {
    for (const int end : theirs) ::close(end);
    for (const int end : ours) ::close(end);
  }
  base::Status open(int count) {
    for (int i = 0; i < count; ++i) {
      int both[2];
      if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0)
        return fail(Code::unavailable, "socketpair");
      ours.push_back(both[0]);
      theirs.push_back(both[1]);
    }
    return {};
  }
  std::vector<int> ours, theirs;
};

// become_process_of_keys is the process from the fork on: its sockets are 0, 3, 4, …; it has no
// other descriptor of this program, and no terminal whose keys could end it.
[[noreturn]] void become_process_of_keys(const char* const* arguments, std::vector<int>& sockets) {
  for (int& one : sockets) {
    one = ::fcntl(one, F_DUPFD_CLOEXEC, kAboveAll);
    if (one < 0) ::_exit(126);
  }
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(sockets[0], STDIN_FILENO);
  for (std::size_t i = 1; i < sockets.size(); ++i)
    ::dup2(sockets[i], STDERR_FILENO + static_cast<int>(i));
  ::close_range(static_cast<unsigned>(STDERR_FILENO) + static_cast<unsigned>(sockets.size()), ~0U,
                0);
  ::setsid();
  ::execv(arguments[0], const_cast<char* const*>(arguments));
  ::_exit(127);
}

}  // namespace

// KeyConnections is the process, and the sockets to it: each serves one thread at a time.
class KeyConnections {
 public:
  // start starts the process and tells it the wish.
  static Result<std::shared_ptr<KeyConnections>> start(const KeyWish& wish, std::string program) {
    if (program.empty()) {
      HEQI_TRY(program, find_program("heqi"));
    }
    Ends ends;
    HEQI_TRY(ends.open(wish.connections));
    const char* const arguments[] = {program.c_str(), "worker", "key", nullptr};
    const pid_t id = ::fork();
    if (id == 0) become_process_of_keys(arguments, ends.theirs);
    if (id < 0) return fail(Code::unavailable, "fork");
    std::shared_ptr<KeyConnections> out(new KeyConnections(id, std::exchange(ends.ours, {})));
    HEQI_TRY(send_frame(out->sockets_[0], {}, encode_wish(wish).expose()));
    return out;
  }
  KeyConnections(const KeyConnections&) = delete;
  KeyConnections& operator=(const KeyConnections&) = delete;
  ~KeyConnections() {
    for (const int socket : sockets_) ::close(socket);
    while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  // first_answer is about the wish.
  Result<std::vector<SeenKey>> first_answer() {
    HEQI_TRY(const Bytes answer, receive_frame(sockets_[0], kKeyAnswerSizeMax));
    HEQI_TRY(const Bytes keys, parse_key_answer(answer));
    return parse_seen_keys(keys);
  }

  Result<Bytes> ask(KeyAct act, std::size_t key, ByteView content) {
    const Turn turn(*this);
    const std::array head{static_cast<std::uint8_t>(act), static_cast<std::uint8_t>(key)};
    static_assert(head.size() == kRequestHeadSize);
    HEQI_TRY(send_frame(turn.socket, head, content));
    HEQI_TRY(const Bytes answer, receive_frame(turn.socket, kKeyAnswerSizeMax));
    return parse_key_answer(answer);
  }

  bool is_running() const {
    siginfo_t ended{};
    return ::waitid(P_PID, static_cast<id_t>(id_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == 0;
  }

 private:
  KeyConnections(pid_t id, std::vector<int> sockets)
      : id_(id), sockets_(std::move(sockets)), free_(sockets_) {}

  // Turn is a socket while one thread has it.
  struct Turn {
    explicit Turn(KeyConnections& of) : all(of) {
      std::unique_lock lock(all.mutex_);
      all.one_is_free_.wait(lock, [&] { return !all.free_.empty(); });
      socket = all.free_.back();
      all.free_.pop_back();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      {
        const std::lock_guard lock(all.mutex_);
        all.free_.push_back(socket);
      }
      all.one_is_free_.notify_one();
    }
    KeyConnections& all;
    int socket;
  };

  pid_t id_;
  std::vector<int> sockets_;
  std::mutex mutex_;
  std::condition_variable one_is_free_;
  std::vector<int> free_;
};

namespace {

class ElsewhereSigner final : public x509::Signer {
 public:
  ElsewhereSigner(std::shared_ptr<KeyConnections> connections, std::size_t key,
                  x509::AlgorithmIdentifier algorithm)
      : connections_(std::move(connections)), key_(key), algorithm_(std::move(algorithm)) {}
  x509::AlgorithmIdentifier algorithm() const override { return algorithm_; }
  Result<Bytes> sign(ByteView message) override {
    return connections_->ask(KeyAct::sign, key_, message);
  }

 private:
  std::shared_ptr<KeyConnections> connections_;
  std::size_t key_;
  x509::AlgorithmIdentifier algorithm_;
};

class ElsewhereVault final : public services::kmc::Vault {
 public:
  explicit ElsewhereVault(std::shared_ptr<KeyConnections> connections)
      : connections_(std::move(connections)) {}
  Result<keys::EncryptionKey> make(std::string_view name) override {
    HEQI_TRY(const Bytes answer, connections_->ask(KeyAct::make_sealed, 0, base::bytes_of(name)));
    return keys::parse_encryption_key(answer);
  }
  Result<services::kmc::Delivery> envelop(std::string_view name, ByteView sealed,
                                          const crypto::PublicKey& receiver) override {
    HEQI_TRY(const Bytes answer,
             connections_->ask(KeyAct::envelop, 0,
                               keys::encode_envelop({std::string(name), base::to_bytes(sealed),
                                                     base::to_bytes(receiver.encode())})));
    HEQI_TRY(keys::EncryptionKey key, keys::parse_encryption_key(answer));
    return services::kmc::delivery_of(std::move(key));
  }

 private:
  std::shared_ptr<KeyConnections> connections_;
};

Result<KeyOfFile> start_with(const KeyWish& wish, const std::string& program) {
  HEQI_TRY(auto connections, KeyConnections::start(wish, program));
  HEQI_TRY(std::vector<SeenKey> seen, connections->first_answer());
  if (seen.size() != 1) return fail(Code::malformed, "one file, and not one key");
  KeyOfFile key;
  key.signer = std::make_unique<ElsewhereSigner>(std::move(connections), 0, seen[0].algorithm);
  key.public_key = std::move(seen[0].public_key);
  key.certificates = std::move(seen[0].certificates);
  return key;
}

}  // namespace

Result<KeyOfFile> open_key_elsewhere(const std::string& path, const base::SecretBytes& password,
                                     const KeyProcessOptions& options) {
  return start_with({.source = KeyWish::Source::file,
                     .path = path,
                     .secret = password.clone(),
                     .connections = options.connections},
                    options.program);
}

Result<KeyOfFile> make_key_elsewhere(const std::string& path) {
  return start_with({.source = KeyWish::Source::new_file, .path = path}, {});
}

Result<FolderKeys> FolderKeys::start(KeyWish wish) {
  wish.connections = kFolderConnections;
  FolderKeys out;
  HEQI_TRY(out.connections_, KeyConnections::start(wish, {}));
  HEQI_TRY(out.seen_, out.connections_->first_answer());
  if (out.seen_.size() != wish.names.size())
    return fail(Code::malformed, "other keys than those wished for");
  for (std::size_t i = 0; i < out.seen_.size(); ++i)
    out.signers_.push_back(
        std::make_unique<ElsewhereSigner>(out.connections_, i, out.seen_[i].algorithm));
  out.vault_ = std::make_unique<ElsewhereVault>(out.connections_);
  return out;
}

Result<FolderKeys> FolderKeys::open(const std::string& folder, const base::SecretBytes& passphrase,
                                    std::vector<std::string> names) {
  return start({.source = KeyWish::Source::folder,
                .path = folder,
                .secret = passphrase.clone(),
                .names = std::move(names)});
}

Result<FolderKeys> FolderKeys::make(const std::string& folder, const base::SecretBytes& passphrase,
                                    std::vector<std::string> names,
                                    std::optional<ossl::KeyKind> kind) {
  return start({.source = KeyWish::Source::new_folder,
                .path = folder,
                .secret = passphrase.clone(),
                .names = std::move(names),
                .kind = kind});
}

bool FolderKeys::is_running() const {
  return connections_->is_running();
}

}  // namespace heqi::program
