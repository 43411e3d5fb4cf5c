// heqi/testing/mail_sink.h: a mail server that keeps what it is given, for tests. One connection
// after another.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace heqi::testing {

class MailSink {
 public:
  struct Mail {
    std::string from;
    std::vector<std::string> to;
    std::string message;  // as sent, with the dots of transparency removed
  };

  MailSink() : listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(listening_, 8);
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~MailSink() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  MailSink(const MailSink&) = delete;
  MailSink& operator=(const MailSink&) = delete;

  std::uint16_t port() const { return port_; }
  // answer_to makes the sink answer a command ("RCPT", "DATA", ".") with reply from now on.
  void answer_to(const std::string& command, std::string reply) {
    const std::lock_guard lock(mutex_);
    replies_[command] = std::move(reply);
  }
  std::vector<Mail> mails() {
    const std::lock_guard lock(mutex_);
    return mails_;
  }

 private:
  void run() {
    for (;;) {
      const int peer = ::accept(listening_, nullptr, nullptr);
      if (peer < 0) return;
      talk(peer);
      ::close(peer);
    }
  }

  bool read_line(int peer, std::string& line) {
    std::size_t end;
    while ((end = pending_.find("\r\n")) == std::string::npos) {
      char part[4096];
      const ssize_t got = ::recv(peer, part, sizeof part, 0);
      if (got <= 0) return false;
      pending_.append(part, static_cast<std::size_t>(got));
    }
    line = pending_.substr(0, end);
    pending_.erase(0, end + 2);
    return true;
  }

  static std::string between(const std::string& line) {
    const std::size_t open = line.find('<'), close = line.find('>');
    return line.substr(open + 1, close - open - 1);
  }

  void talk(int peer) {
    pending_.clear();
    say(peer, "220 sink");
    Mail mail;
    std::string line;
    while (read_line(peer, line)) {
      const std::string command = line.substr(0, 4);
      const std::string reply = reply_to(command, command == "DATA" ? "354 go on" : "250 ok");
      if (command == "MAIL") mail = Mail{between(line), {}, {}};
      if (command == "RCPT" && reply.front() == '2') mail.to.push_back(between(line));
      say(peer, command == "QUIT" ? "221 bye" : reply);
      if (command == "QUIT") return;
      if (command != "DATA" || reply.front() != '3') continue;
      while (read_line(peer, line) && line != ".")
        mail.message += (line.starts_with("..") ? line.substr(1) : line) + "\r\n";
      const std::string end = reply_to(".", "250 taken");
      if (end.front() == '2') {
        const std::lock_guard lock(mutex_);
        mails_.push_back(mail);
      }
      say(peer, end);
    }
  }

  std::string reply_to(const std::string& command, const std::string& usual) {
    const std::lock_guard lock(mutex_);
    const auto found = replies_.find(command);
    return found == replies_.end() ? usual : found->second;
  }
  static void say(int peer, const std::string& line) {
    const std::string text = line + "\r\n";
    (void)::send(peer, text.data(), text.size(), MSG_NOSIGNAL);
  }

  int listening_;
  std::uint16_t port_ = 0;
  std::string pending_;
  std::mutex mutex_;
  std::map<std::string, std::string> replies_;
  std::vector<Mail> mails_;
  std::thread thread_;
};

}  // namespace heqi::testing
