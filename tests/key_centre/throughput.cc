// How many joint signatures a second the key centre makes with every try charged and every record
// durable, beside what its arithmetic alone would allow and what the disk can flush. A program, not
// a test: heqi_key_centre_throughput [DEVICES…] prints a line for each number; default 1, 8 and 64.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <heqi/base/scheduling.h>
#include <heqi/cosign/codec.h>
#include <heqi/cosign/server_share.h>
#include <heqi/keys/joint_keys.h>
#include <heqi/keys/schema.h>
#include <heqi/testing/seeded.h>

namespace heqi::keys {
namespace {

constexpr std::size_t kRounds = 4;

using Seconds = std::chrono::duration<double>;

double now() {
  return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// flushes is how often a second the disk takes 4 KiB and flushes it.
double flushes(const std::string& folder) {
  const int file = ::open((folder + "/flush").c_str(), O_CREAT | O_WRONLY, 0600);
  const std::vector<char> block(4096, 'x');
  int count = 0;
  const double begin = now();
  while (now() - begin < 1.0) {
    (void)!::pwrite(file, block.data(), block.size(), 0);
    ::fdatasync(file);
    ++count;
  }
  ::close(file);
  return count / (now() - begin);
}

// One is a device with its key, and openings made beforehand: only the server's work is measured.
struct One {
  std::string id;
  std::optional<cosign::DeviceKey> key;
  std::vector<base::Bytes> openings;
};

class Bench {
 public:
  explicit Bench(int devices, int openings_each) {
    database_ = *sql::Database::open({.url = "sqlite:" + folder_.path() + "/module.db"});
    const sql::Component components[] = {schema()};
    (void)sql::apply_migrations(*database_, components, clock_).has_value();
    wrapping_.emplace(*WrappingKey::open_or_make(files_, "root", random_));
    masters_.emplace(*MasterKeys::open(*database_, *wrapping_, random_, clock_));
    keys_.emplace(*database_, *wrapping_, *masters_, random_, clock_, log_, Place{});
    for (int i = 0; i < devices; ++i) add("device-" + std::to_string(i), openings_each);
  }

  void add(const std::string& id, int openings) {
    (void)database_
        ->with_transaction([&](sql::Transaction& tx) {
          return tx.execute(
              "INSERT INTO module_devices (device_id, channel_public_key, channel_id, position, "
              "bound_at) VALUES (?1, ?2, ?3, ?4, 0)",
              id, base::Bytes(65, 4), base::bytes_of(id), base::Bytes());
        })
        .has_value();
    const cosign::KeyName name = *keys_->begin_key(id);
    auto agreement = *cosign::DeviceKeyAgreement::begin({name, base::Bytes(65, 4)}, random_);
    const auto answer = *keys_->init_key(id, name, agreement.message());
    One one{id, *std::move(agreement).finish(answer), {}};
    auto device =
        *cosign::Device::with_key({one.key->name, one.key->p, one.key->d1.clone()}, random_);
    for (int i = 1; i <= openings; ++i)
      one.openings.push_back(cosign::encode_opening(
          device.open({crypto::Digest{}}, static_cast<std::uint64_t>(i))->opening));
    ones_.push_back(std::move(one));
  }

  // arithmetic is answers a second of all processors at once, with the share derived, and nothing
  // written. (One alone, times their number, would be more than there is where two processors
  // share a core.)
  double arithmetic(unsigned processors) {
    std::atomic<int> count{0};
    std::vector<std::thread> threads;
    const double begin = now();
    for (unsigned i = 0; i < processors; ++i)
      threads.emplace_back([&, i] { count += answer_for_a_second(ones_[i % ones_.size()]); });
    for (std::thread& thread : threads) thread.join();
    return count / (now() - begin);
  }

  // durable is answers a second of all devices at once, each charged and recorded: a round is one
  // of kRounds parts of the openings.
  double durable(std::size_t round) {
    std::atomic<int> count{0};
    std::vector<std::thread> threads;
    const double begin = now();
    for (One& one : ones_)
      threads.emplace_back([&] {
        const std::size_t part = one.openings.size() / kRounds;
        for (const base::Bytes& wire : std::span(one.openings).subspan(round * part, part))
          if (keys_->sign(one.id, *cosign::parse_opening(wire))) ++count;
      });
    for (std::thread& thread : threads) thread.join();
    return count / (now() - begin);
  }
  std::size_t largest_group() { return keys_->commits().largest(); }
  const std::string& folder() const { return folder_.path(); }

 private:
  int answer_for_a_second(const One& one) {
    const crypto::Point p1 = crypto::mul_base(one.key->d1.expose());
    const cosign::ServerKey key{one.key->name, *crypto::Point::decode(p1.encode()), one.key->p, 0};
    int count = 0;
    for (const double begin = now(); now() - begin < 1.0; ++count) {
      cosign::Server server(
          key, *cosign::derive_server_share(**masters_->find(kDefaultTenant, 1), 1, key.name),
          random_);
      auto opening = *cosign::parse_opening(
          one.openings[static_cast<std::size_t>(count) % one.openings.size()]);
      HEQI_CHECK(server.answer(std::move(opening)).has_value());
    }
    return count;
  }

  testing::TemporaryFolder folder_;
  testing::MemoryStore files_;
  base::SystemRandom random_;
  base::SystemClock clock_;
  base::NullLog log_;
  std::unique_ptr<sql::Database> database_;
  std::optional<WrappingKey> wrapping_;
  std::optional<MasterKeys> masters_;
  std::optional<JointKeys> keys_;
  std::vector<One> ones_;
};

// The machine's pace changes: the arithmetic is measured before and after each round.
void report(int devices) {
  Bench bench(devices, devices == 1 ? 2000 : 32'000 / devices);
  const unsigned cores = std::thread::hardware_concurrency();
  const double flush = flushes(bench.folder()), alone = bench.arithmetic(1);
  double arithmetic = bench.arithmetic(cores) / (kRounds + 1), made = 0;
  for (std::size_t round = 0; round < kRounds; ++round) {
    made += bench.durable(round) / kRounds;
    arithmetic += bench.arithmetic(cores) / (kRounds + 1);
  }
  const double bound = 1 / (1 / alone + 2 / flush);
  std::printf(
      "{\"devices\": %d, \"signatures_per_s\": %.0f, \"arithmetic_per_s\": %.0f, "
      "\"arithmetic_of_one_processor_per_s\": %.0f, \"processors\": %u, "
      "\"fdatasync_per_s\": %.0f, \"share_of_arithmetic\": %.2f, "
      "\"share_of_one_after_the_other\": %.2f, \"largest_group\": %zu}\n",
      devices, made, arithmetic, alone, cores, flush, made / arithmetic, made / bound,
      bench.largest_group());
}

}  // namespace
}  // namespace heqi::keys

int main(int count, char** arguments) {
  heqi::base::compute_uninterrupted();  // as heqi-module does
  std::vector<int> numbers;
  for (int i = 1; i < count; ++i) numbers.push_back(std::max(1, std::atoi(arguments[i])));
  if (numbers.empty()) numbers = {1, 8, 64};
  for (const int devices : numbers) heqi::keys::report(devices);
}
