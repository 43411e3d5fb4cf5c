// Death or a failed write at every write-type call of some flows over SQLite and files, then a new
// start and a check of everything that had been acknowledged.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <heqi/base/file_store.h>
#include <heqi/base/log.h>
#include <heqi/flow/engine.h>
#include <heqi/sql/database.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "scenario.h"

namespace heqi::flow_crash {
namespace {

using base::Status;

// Ended is how a child ended: its exit status, or 1000 + signal.
int run_child(const std::string& folder, const std::string& mode, const std::string& fault) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (fault.empty())
      ::unsetenv("HEQI_FAULT");
    else
      ::setenv("HEQI_FAULT", fault.c_str(), 1);
    const int log = ::open((folder + "/stderr").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 2);
    ::execl(HEQI_CHILD, HEQI_CHILD, folder.c_str(), mode.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::vector<std::vector<std::string>> read_lines(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    auto& list = lines.emplace_back();
    for (std::string word; words >> word;) list.push_back(word);
  }
  return lines;
}

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

std::uint64_t count_calls() {
  const testing::TemporaryFolder folder;
  const std::string file = folder.path() + "/count";
  EXPECT_EQ(run_child(folder.path(), "run", "count:" + file), 0);
  return std::stoull(read_text(file));
}

// answers_of maps "flow event" to its answer, and fails where two answers differ.
std::map<std::string, std::string> answers_of(const std::string& folder) {
  std::map<std::string, std::string> answers;
  for (const auto& line : read_lines(folder + "/acknowledged")) {
    const auto placed = answers.emplace(line.at(0) + "/" + line.at(1), line.at(2));
    EXPECT_EQ(placed.first->second, line.at(2)) << "a repeat was answered differently: " << line[0];
  }
  return answers;
}

Status check_database(sql::Database& database, const std::string& folder) {
  const auto answers = answers_of(folder);
  return database.with_snapshot([&](sql::Transaction& t) -> Status {
    HEQI_TRY(const auto sound, t.get_row("PRAGMA integrity_check"));
    EXPECT_EQ(sound.text(0), "ok");
    // What was acknowledged is there with that answer; being a primary key, once.
    for (const auto& [event, answer] : answers) {
      HEQI_TRY(const auto row,
               t.get_row("SELECT answer FROM flow_received WHERE message_id = ?1", event));
      EXPECT_EQ(base::text_of(row.bytes(0)), answer) << event;
    }
    // Each step did its work on the domain's table once.
    HEQI_TRY(const auto steps, t.query("SELECT flow_id, step, COUNT(*) FROM domain_step"
                                       " GROUP BY flow_id, step"));
    for (const sql::Row& row : steps)
      EXPECT_EQ(row.int64(2), 1) << row.text(0) << " " << row.text(1);
    HEQI_TRY(const auto flows, t.query("SELECT id, outcome FROM flow_flows ORDER BY id"));
    EXPECT_EQ(flows.size(), static_cast<std::size_t>(kFlows));
    for (int i = 0; i < static_cast<int>(flows.size()); ++i) {
      const sql::Row& row = flows[static_cast<std::size_t>(i)];
      EXPECT_EQ(row.text(0), flow_id(i));
      EXPECT_EQ(row.optional_text(1), std::string(to_text(planned_outcome(i)))) << row.text(0);
    }
    HEQI_TRY(const auto left,
             t.get_row("SELECT COUNT(*) FROM flow_outbox WHERE delivered_at IS NULL"));
    EXPECT_EQ(left.int64(0), 0);
    return {};
  });
}

// check_model holds after the clients have repeated everything and the time limit is over.
void check_model(const std::string& folder) {
  auto database = sql::Database::open({.url = "sqlite:" + folder + "/data.db"});
  ASSERT_OK(database);
  ASSERT_OK(check_database(**database, folder));

  const auto files = base::open_folder(folder + "/files");
  for (int i = 0; i < kFlows; ++i) {
    if (planned_outcome(i) != flow::Outcome::done) continue;
    const auto content = (*files)->read("results/" + flow_id(i), 1000);
    ASSERT_OK(content);
    EXPECT_EQ(base::text_of(*content), "signed " + flow_id(i));
  }
  // Every party was told of every end at least once, and never of another one.
  std::set<std::string> told;
  for (const auto& line : read_lines(folder + "/delivered"))
    if (line.at(3) != "-") told.insert(line[1] + " " + line[2] + " " + line[3]);
  std::set<std::string> expected;
  for (int i = 0; i < kFlows; ++i)
    for (const flow::Party& party : kParties)
      expected.insert(flow_id(i) + " " + party.recipient + " " +
                      std::string(to_text(planned_outcome(i))));
  EXPECT_EQ(told, expected);
}

// play_with runs the flows under one fault, starts again without it, and checks.
void play_with(const std::string& fault) {
  SCOPED_TRACE("HEQI_FAULT=" + fault);
  const testing::TemporaryFolder folder;
  const int ended = run_child(folder.path(), "run", fault);
  const bool dies = fault.starts_with("kill") || fault.starts_with("tear");
  const bool as_planned = dies ? ended == 1000 + SIGKILL : ended == 0 || ended == 3;
  ASSERT_TRUE(as_planned) << ended << "\n" << read_text(folder.path() + "/stderr");
  ASSERT_EQ(run_child(folder.path(), "all", ""), 0) << read_text(folder.path() + "/stderr");
  check_model(folder.path());
}

std::string fault_at(const std::string& kind, std::uint64_t call) {
  return kind == "eio+" ? "eio:" + std::to_string(call) + "+" : kind + ":" + std::to_string(call);
}

const char* const kKinds[] = {"kill", "tear", "eio", "eio+"};

TEST(CrashShim, CountsTheSameCallsEveryTime) {
  const std::uint64_t first = count_calls();
  EXPECT_EQ(count_calls(), first);
  EXPECT_GT(first, 200u);
}

TEST(CrashShim, RefusesAPlanThatItDoesNotKnow) {
  for (const char* plan : {"kill", "kill:", "kill:0", "kill:x", "eio:3-", "die:3", "kill:3+"}) {
    const testing::TemporaryFolder folder;
    EXPECT_EQ(run_child(folder.path(), "run", plan), 3) << plan;
    EXPECT_NE(read_text(folder.path() + "/stderr").find("HEQI_FAULT"), std::string::npos);
  }
}

TEST(FlowsWithoutAFault, EndAsPlanned) {
  const testing::TemporaryFolder folder;
  ASSERT_EQ(run_child(folder.path(), "run", ""), 0);
  EXPECT_EQ(answers_of(folder.path()).size(), 17u);  // three for each flow, one fewer to expire
  ASSERT_EQ(run_child(folder.path(), "all", ""), 0);
  check_model(folder.path());
}

// shows-part: MSSP-7.1-d (storage and flows; the whole programs are driven elsewhere)
TEST(FlowsWithAFault, ASeededSampleOfCallsLosesNothing) {
  const std::uint64_t calls = count_calls();
  testing::SeededRandom random(20261121);
  for (const char* kind : kKinds)
    for (int i = 0; i < 4; ++i) play_with(fault_at(kind, 1 + random.below(calls)));
  for (const char* kind : kKinds) play_with(fault_at(kind, calls));
}

// shows-part: MSSP-7.1-d (storage and flows; the whole programs are driven elsewhere)
TEST(FlowsWithAFault, EveryCallLosesNothing) {
  const std::uint64_t calls = count_calls();
  for (std::uint64_t call = 1; call <= calls; ++call) {
    play_with(fault_at("kill", call));
    play_with(fault_at("eio", call));
    // These two differ from the others at few calls only.
    if (call % 4 == 1) play_with(fault_at("tear", call));
    if (call % 4 == 3) play_with(fault_at("eio+", call));
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
}

}  // namespace
}  // namespace heqi::flow_crash
