#include "tls_elsewhere.h"

#include <mutex>

#include <heqi/base/file_store.h>

#include "held_tls_key.h"
#include "key_connections.h"

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kChainSizeMax = std::size_t{1} << 20;
// A signature takes a millisecond; a thread that serves other connections too waits for it.
constexpr std::chrono::seconds kSignatureTime{2};
constexpr std::chrono::seconds kBetweenStarts{1};
constexpr int kThreadsThatShake = 2;  // those of the two servers of `heqi serve`

// OneProcess is a process of keys that has answered, with what it showed.
struct OneProcess {
  std::shared_ptr<KeyConnections> connections;
  SeenKey seen;
};

Result<SeenKey> first_key(KeyConnections& connections) {
  HEQI_TRY(std::vector<SeenKey> seen, connections.first_answer());
  if (seen.size() != 1) return fail(Code::malformed, "not one key of TLS connections");
  return std::move(seen[0]);
}

class TlsKeyElsewhere final : public base::TlsKey {
 public:
  // The key is that of file from now on, whatever made it.
  TlsKeyElsewhere(OneProcess process, std::string file, const TlsSurroundings& around)
      : file_(std::move(file)),
        public_key_(std::move(process.seen.public_key)),
        clock_(around.clock),
        log_(around.log),
        process_(std::move(process.connections)) {}
  TlsKeyElsewhere(const TlsKeyElsewhere&) = delete;
  TlsKeyElsewhere& operator=(const TlsKeyElsewhere&) = delete;
  ~TlsKeyElsewhere() override {
    if (process_) process_->kill();
  }

  Bytes public_key() const override { return public_key_.der; }

  Result<Bytes> sign(base::TlsSignature form, ByteView content) override {
    Bytes wanted{static_cast<std::uint8_t>(form)};
    base::append(wanted, content);
    const std::shared_ptr<KeyConnections> process = current();
    if (process) {
      auto made = process->ask(KeyAct::tls, 0, wanted);
      if (made || (made.error().code != Code::unavailable && made.error().code != Code::timeout))
        return made;
    }
    HEQI_TRY(const auto another, one_in_place_of(process));
    return another->ask(KeyAct::tls, 0, wanted);
  }

 private:
  std::shared_ptr<KeyConnections> current() {
    const std::lock_guard lock(mutex_);
    return process_;
  }

  // one_in_place_of starts a process where no other thread has done so since ended failed.
  Result<std::shared_ptr<KeyConnections>> one_in_place_of(
      const std::shared_ptr<KeyConnections>& ended) {
    const std::lock_guard lock(mutex_);
    if (process_ && process_ != ended) return process_;
    if (process_) process_->kill();
    process_.reset();
    if (started_ && clock_.steady() - *started_ < kBetweenStarts)
      return fail(Code::unavailable, "the key of TLS connections");
    started_ = clock_.steady();
    log_.error("tls.key_process_ended", {{"file", std::string_view(file_)}});
    auto begun = start_again();
    if (!begun) {
      log_.error("tls.no_key", {{"error", base::error_text(begun.error().code).id},
                                {"detail", std::string_view(begun.error().detail)}});
      return begun.error();
    }
    log_.info("tls.key_process_started", {{"file", std::string_view(file_)}});
    process_ = *std::move(begun);
    return process_;
  }

  Result<std::shared_ptr<KeyConnections>> start_again() const {
    HEQI_TRY(auto begun, KeyConnections::start({.source = KeyWish::Source::tls_file,
                                                .path = file_,
                                                .connections = kThreadsThatShake},
                                               {}));
    auto seen = begun->limit_time(kSignatureTime)
                    ? first_key(*begun)
                    : Result<SeenKey>(fail(Code::internal, "a limit"));
    if (seen && seen->public_key == public_key_) return begun;
    begun->kill();
    if (!seen) return seen.error();
    return fail(Code::conflict, file_ + " is another key now; start again to serve with it");
  }

  const std::string file_;
  const x509::PublicKeyInfo public_key_;
  const base::Clock& clock_;
  base::Log& log_;
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<KeyConnections> process_;
  std::optional<base::Duration> started_;
};

Result<OneProcess> open_process(const KeyWish& wish) {
  OneProcess out;
  HEQI_TRY(out.connections, KeyConnections::start(wish, {}));
  HEQI_TRY(out.seen, first_key(*out.connections));
  HEQI_TRY(out.connections->limit_time(kSignatureTime));
  return out;
}

}  // namespace

Result<http::TlsIdentity> open_tls_identity(const std::string& certificate_file,
                                            const std::string& key_file,
                                            const TlsSurroundings& around) {
  HEQI_TRY(const Bytes chain, base::read_file(certificate_file, kChainSizeMax));
  http::TlsIdentity out{std::string(base::text_of(chain)), nullptr};
  HEQI_TRY(const auto certificates, x509::parse_certificates_pem(out.certificate_chain_pem));
  if (certificates.empty()) return fail(Code::malformed, certificate_file + ": no certificate");
  HEQI_TRY(OneProcess process, open_process({.source = KeyWish::Source::tls_file,
                                             .path = key_file,
                                             .connections = kThreadsThatShake}));
  if (!(process.seen.public_key == certificates[0].public_key()))
    return fail(Code::conflict, key_file + ": not the key of " + certificate_file);
  out.key = std::make_shared<TlsKeyElsewhere>(std::move(process), key_file, around);
  return out;
}

Result<LocalTls> open_local_tls(const std::string& folder, const std::vector<std::string>& names,
                                const TlsSurroundings& around) {
  HEQI_TRY(OneProcess process, open_process({.source = KeyWish::Source::tls_folder,
                                             .path = folder,
                                             .connections = kThreadsThatShake,
                                             .names = names}));
  const std::vector<x509::Certificate>& chain = process.seen.certificates;
  if (chain.size() != 2) return fail(Code::malformed, folder + ": not a certificate and its root");
  LocalTls out;
  out.root_pem = x509::to_pem(chain[1]);
  out.identity.certificate_chain_pem = x509::to_pem(chain[0]) + out.root_pem;
  out.identity.key = std::make_shared<TlsKeyElsewhere>(std::move(process),
                                                       folder + "/" + kTlsServerKeyFile, around);
  return out;
}

}  // namespace heqi::program
