// key_worker.cc: the process of the keys. It opens them, closes itself to everything but its
// sockets, and answers: what comes on several at once is signed together.
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include <heqi/base/hardening.h>
#include <heqi/base/scheduling.h>

#include "confined_run.h"
#include "key_holder.h"

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t kWishSizeMax = 64 * 1024, kReadSize = 64 * 1024;

// AskedOn is one connection, with what of a request has come.
class AskedOn {
 public:
  explicit AskedOn(int socket) : socket_(socket) {}
  int socket() const { return socket_; }
  // read_some takes what is there; false where the other end is gone, or says what nobody may.
  bool read_some() {
    static std::uint8_t room[kReadSize];
    const ssize_t got = ::read(socket_, room, sizeof room);
    if (got < 0) return errno == EINTR;
    if (got == 0) return false;
    received_.insert(received_.end(), room, room + got);
    if (received_.size() < kFrameLengthSize) return true;
    const std::uint64_t size = frame_length(received_);
    if (size > kSignedMessageSizeMax) return false;
    if (size > sizeof room) received_.reserve(kFrameLengthSize + static_cast<std::size_t>(size));
    return received_.size() <= kFrameLengthSize + size;
  }
  bool is_complete() const {
    return received_.size() >= kFrameLengthSize &&
           received_.size() == kFrameLengthSize + frame_length(received_);
  }
  Bytes take() {
    Bytes content(received_.begin() + kFrameLengthSize, received_.end());
    received_.clear();
    return content;
  }

 private:
  int socket_;
  Bytes received_;
};

// answer_requests answers until a connection is closed: they belong to one program, and end
// together.
Status answer_requests(KeyHolder& keys, std::vector<AskedOn>& all) {
  std::vector<pollfd> waits;
  for (const AskedOn& one : all) waits.push_back({one.socket(), POLLIN, 0});
  for (;;) {
    if (::poll(waits.data(), waits.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return base::fail(base::Code::internal, "poll");
    }
    std::vector<Bytes> requests;
    std::vector<int> askers;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (waits[i].revents == 0) continue;
      if (!all[i].read_some()) return {};
      if (!all[i].is_complete()) continue;
      requests.push_back(all[i].take());
      askers.push_back(all[i].socket());
    }
    if (requests.empty()) continue;
    const std::vector<Bytes> answers = keys.answer(requests);
    for (std::size_t i = 0; i < answers.size(); ++i)
      HEQI_TRY(send_frame(askers[i], {}, answers[i]));
  }
}

Result<KeyWish> receive_wish() {
  HEQI_TRY(Bytes asked, receive_frame(STDIN_FILENO, kWishSizeMax));
  auto wish = parse_wish(asked);
  base::secure_wipe(asked.data(), asked.size());
  return wish;
}

Status answer_wish(const Result<Bytes>& answer) {
  return send_frame(STDIN_FILENO, {}, encode_key_answer(answer));
}

Status open_and_serve() {
  base::NullLog log;
  HEQI_TRY(base::harden_process(log));
  HEQI_TRY(const auto randomness, make_randomness());
  std::unique_ptr<KeyHolder> keys;
  std::vector<AskedOn> all{AskedOn(STDIN_FILENO)};
  {
    HEQI_TRY(const KeyWish wish, receive_wish());
    auto opened = KeyHolder::open(wish, *randomness->generator);
    if (!opened) return answer_wish(opened.error());
    keys = *std::move(opened);
    for (int i = 1; i < wish.connections; ++i) all.emplace_back(STDERR_FILENO + i);
  }
  base::wipe_stack();
  // Those who ask run first where they share a core with this process, and what they ask for
  // meanwhile is signed together. A handshake waits for nobody.
  if (!keys->holds_tls_key()) base::compute_uninterrupted();
  ::prctl(PR_SET_PDEATHSIG, 0);  // the thread that asked may end; its program's sockets tell of it
  HEQI_TRY(close_all_but_sockets());  // from here on it signs, and that is all it can do
  HEQI_TRY(answer_wish(encode_seen_keys(keys->seen())));
  return answer_requests(*keys, all);
}

}  // namespace

int serve_keys() {
  // It ends with whoever it signs for, which is who hears that it is to end.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
  static_cast<void>(open_and_serve());  // whoever asked reads the answers; nobody else is told
  ::_exit(0);                           // what runs at an exit is closed already
}

}  // namespace heqi::program
