// heqi_flow_crash_child FOLDER run|all: drives some flows over a database and files in FOLDER,
// as clients do who repeat every message until it is answered. What was answered is written to
// FOLDER/acknowledged, what was delivered to FOLDER/delivered, each line before the next call.
// "all" then lets the time limit pass and ends when nothing is left to do.
// Exit status: 0 all answered, 3 something was refused because the storage failed.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include <heqi/base/error.h>
#include <heqi/base/file_store.h>
#include <heqi/base/log.h>
#include <heqi/flow/engine.h>
#include <heqi/flow/runner.h>
#include <heqi/sql/faults.h>

#include "scenario.h"

namespace heqi::flow_crash {
namespace {

using base::Bytes;
using base::Result;
using base::Status;

class StandingClock final : public base::Clock {
 public:
  base::Time now() const override { return now_; }
  base::Duration steady() const override { return now_ - kStart; }
  void pass(base::Duration by) { now_ += by; }

 private:
  base::Time now_ = kStart;
};

// Notes is a file of the world outside: written whole lines, not counted, not subject to faults.
class Notes {
 public:
  explicit Notes(const std::string& path)
      : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  Notes(const Notes&) = delete;
  Notes& operator=(const Notes&) = delete;
  ~Notes() { ::close(file_); }
  void add(const std::string& line) {
    const std::string whole = line + "\n";
    HEQI_CHECK(::write(file_, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size()));
  }

 private:
  int file_;
};

class Scenario {
 public:
  Scenario(sql::Database& database, base::FileStore& files, const base::Clock& clock,
           const std::string& folder)
      : database_(database),
        files_(files),
        acknowledged_(folder + "/acknowledged"),
        delivered_(folder + "/delivered"),
        outbox_(database, clock, random_, log_),
        engine_(database, outbox_, clock, random_, log_),
        runner_(engine_, outbox_, log_) {
    engine_.define("sign");
    for (const char* topic : {"callback", "push"})
      outbox_.handle(topic, [this](const flow::Message& message) -> Status {
        delivered_.add(message.message_id + " " + message.flow_id + " " + message.recipient + " " +
                       (message.ending ? std::string(to_text(message.ending->outcome)) : "-"));
        return {};
      });
  }

  Status release() { return outbox_.release_claims(); }

  Status run() {
    for (int i = 0; i < kFlows; ++i) {
      HEQI_TRY(start(i));
      HEQI_TRY(display(i));
      HEQI_TRY(runner_.run_once());
      HEQI_TRY(end(i));
    }
    HEQI_TRY(runner_.run_once());
    return {};
  }

  Status finish() {
    HEQI_TRY(runner_.run_once());
    return {};
  }

 private:
  // note_step writes the domain's row in the transaction of the step.
  static Status note_step(flow::Move& move, std::string_view step) {
    HEQI_TRY(move.transaction().execute("INSERT INTO domain_step VALUES (?1, ?2)", move.flow().id,
                                        step));
    return {};
  }

  Status acknowledge(const Result<flow::Handled>& handled, int i, std::string_view what) {
    if (!handled) return handled.error();
    if (handled->is_refused()) return base::fail(base::Code::internal, "refused at its step");
    acknowledged_.add(flow_id(i) + " " + std::string(what) + " " +
                      std::string(base::text_of(handled->answer)));
    return {};
  }

  flow::Event event(int i, std::string name, std::string step) {
    return {.flow_id = flow_id(i),
            .sender = "device:7",
            .message_id = flow_id(i) + "/" + name,
            .expected_steps = {std::move(step)}};
  }

  // The answers hold something drawn at random, so that a second handling would show.
  Result<Bytes> fresh_answer() {
    HEQI_TRY(const std::string id, flow::make_id(random_));
    return base::to_bytes(id);
  }

  Status start(int i) {
    flow::NewFlow wanted;
    wanted.id = flow_id(i);
    wanted.kind = "sign";
    wanted.step = "sent";
    wanted.deadline = kStart + kTimeLimit;
    wanted.parties = kParties;
    wanted.sender = "ap:bank";
    wanted.message_id = flow_id(i) + "/start";
    return acknowledge(engine_.start(wanted,
                                     [&](flow::Move& move) -> Result<Bytes> {
                                       HEQI_TRY(note_step(move, "start"));
                                       move.send({.topic = "push", .recipient = "device:7"});
                                       return fresh_answer();
                                     }),
                       i, "start");
  }

  Status display(int i) {
    return acknowledge(engine_.handle(event(i, "display", "sent"),
                                      [&](flow::Move& move) -> Result<Bytes> {
                                        HEQI_TRY(note_step(move, "display"));
                                        move.go_to("displayed");
                                        return fresh_answer();
                                      }),
                       i, "display");
  }

  Status end(int i) {
    if (planned_outcome(i) == flow::Outcome::expired) return {};
    const auto step = [&](flow::Move& move) -> Result<Bytes> {
      HEQI_TRY(note_step(move, "end"));
      move.go_to("ended");
      if (planned_outcome(i) == flow::Outcome::done) {
        // The large object first, then the transaction that says that it is there.
        HEQI_TRY(files_.write("results/" + flow_id(i), base::bytes_of("signed " + flow_id(i))));
        move.finish(flow::Ending::done());
      } else if (planned_outcome(i) == flow::Outcome::failed) {
        move.finish(flow::Ending::failed("signer.declined", ""));
      } else {
        move.finish(flow::Ending::cancelled("ap.withdrawn"));
      }
      return fresh_answer();
    };
    return acknowledge(engine_.handle(event(i, "end", "displayed"), step), i, "end");
  }

  sql::Database& database_;
  base::FileStore& files_;
  Notes acknowledged_, delivered_;
  base::SystemRandom random_;
  base::NullLog log_;
  flow::Outbox outbox_;
  flow::Engine engine_;
  flow::Runner runner_;
};

// check_refusal: after a failed write to the database nothing is written any more. error is what
// stopped the scenario.
int check_refusal(sql::Database& database, const base::Error& error) {
  const bool of_the_engine = error.detail.find("disk I/O error") != std::string::npos;
  if (of_the_engine && database.healthy()) {
    std::fprintf(stderr, "a failed write left the database healthy\n");
    return 4;
  }
  if (database.healthy()) return 3;
  const auto again = database.with_transaction(
      [](sql::Transaction& t) { return t.execute("DELETE FROM flow_flows"); });
  if (again || again.error().code != base::Code::storage) {
    std::fprintf(stderr, "a write was let through after a failed one\n");
    return 4;
  }
  return 3;
}

Status drive(sql::Database& database, base::FileStore& files, const std::string& folder,
             bool to_the_end) {
  StandingClock clock;
  HEQI_TRY(sql::apply_migrations(database, components(), clock));
  Scenario scenario(database, files, clock, folder);
  HEQI_TRY(scenario.release());
  HEQI_TRY(scenario.run());
  if (!to_the_end) return {};
  clock.pass(kTimeLimit + std::chrono::hours(1));
  return scenario.finish();
}

int run(const std::string& folder, bool to_the_end) {
  // A small limit, so that the log is moved into the database in the middle too.
  auto database =
      sql::Database::open({.url = "sqlite:" + folder + "/data.db", .checkpoint_pages = 60});
  auto store = base::open_folder(folder + "/files");
  if (!database || !store) {
    std::fprintf(stderr, "%s\n",
                 base::to_line(database ? store.error() : database.error()).c_str());
    return 3;
  }
  const auto files = sql::faults::wrap_files(std::move(*store));
  const auto done = drive(**database, *files, folder, to_the_end);
  if (!done) {
    std::fprintf(stderr, "%s\n", base::to_line(done.error()).c_str());
    return check_refusal(**database, done.error());
  }
  return (*database)->healthy() ? 0 : check_refusal(**database, {});
}

}  // namespace
}  // namespace heqi::flow_crash

int main(int count, char** arguments) {
  if (count != 3) return 2;
  return heqi::flow_crash::run(arguments[1], std::string_view(arguments[2]) == "all");
}
