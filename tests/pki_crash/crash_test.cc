// What must hold whenever the authority dies, or the disk refuses a call: no certificate that was
// signed and is not recorded, none twice for a request, no serial number twice, none that was
// revoked and answers good, no key that the centre delivered and does not keep.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <heqi/testing/expect.h>

#include "house.h"

namespace heqi::pki_crash {
namespace {

constexpr int kKilled = 1000 + SIGKILL;

// run_child gives the exit status, or 1000 + signal.
int run_child(const std::string& folder, const std::string& fault) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (fault.empty())
      ::unsetenv("HEQI_FAULT");
    else
      ::setenv("HEQI_FAULT", fault.c_str(), 1);
    const int log = ::open((folder + "/stderr").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 2);
    ::execl(HEQI_CHILD, HEQI_CHILD, folder.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::uint64_t count_calls() {
  const testing::TemporaryFolder folder;
  const std::string file = folder.path() + "/count";
  EXPECT_EQ(run_child(folder.path(), "count:" + file), 0);
  return std::stoull(lines_of(file).at(0));
}

// Acknowledged maps "issued r0" to what was told, and fails where two starts told differently.
std::map<std::string, std::string> acknowledged(const std::string& folder) {
  std::map<std::string, std::string> told;
  for (const std::string& line : lines_of(folder + "/acks")) {
    std::istringstream words(line);
    std::string what, who, value;
    words >> what >> who >> value;
    const auto [at, is_new] = told.emplace(what + " " + who, value);
    EXPECT_EQ(at->second, value) << line;
  }
  return told;
}

// expect_recorded: every body that the real key signed stands in the register.
void expect_recorded(House& house, const std::string& folder) {
  const auto rows = house.database->with_snapshot(
      [](sql::Transaction& tx) { return tx.query("SELECT body FROM ca_certificates"); });
  ASSERT_OK(rows);
  std::set<std::string> recorded;
  for (const sql::Row& row : *rows) recorded.insert(base::to_hex(row.bytes(0)));
  EXPECT_EQ(recorded.size(), static_cast<std::size_t>(kRequests) + 1);
  for (const std::string& line : lines_of(folder + "/signed")) {
    const base::Bytes tbs = *base::parse_hex(line);
    // Lists start with version 1 of their own; certificates with [0] version.
    asn1::Reader fields = *asn1::Reader::over(tbs)->sequence();
    if (fields.peek() == asn1::context_constructed(0)) {
      EXPECT_TRUE(recorded.contains(line)) << "signed, not recorded";
    }
  }
}

void expect_standings(House& house, const std::map<std::string, std::string>& told) {
  const auto crl = pki::parse_crl(*house.authority->crl());
  ASSERT_OK(crl);
  for (const auto& [what, value] : told) {
    if (!what.starts_with("revoked")) continue;
    const base::Bytes serial = *base::parse_hex(value);
    EXPECT_EQ(house.authority->standing(serial)->state, services::ca::Standing::State::revoked);
    EXPECT_NE(pki::find_revoked(*crl, serial), nullptr);
  }
}

void expect_keys(House& house, const std::map<std::string, std::string>& told) {
  const auto lines = services::kmc::read_transcript(*house.database);
  ASSERT_OK(lines);
  EXPECT_OK(services::kmc::verify_transcript(*lines));
  std::set<std::string> recoveries;
  for (const services::kmc::Line& line : *lines)
    if (line.event == "recovered") recoveries.insert(line.detail);
  const auto served = house.authorities->list();
  ASSERT_OK(served);
  EXPECT_EQ(served->front().keys_made, 1) << "each key is counted once";
  for (const auto& [what, value] : told) {
    if (!what.starts_with("recovered")) continue;
    EXPECT_TRUE(recoveries.contains(what.substr(10))) << "delivered, not in the transcript";
    EXPECT_EQ(value, told.at("key k0"));
  }
}

// drive breaks the n-th call, starts again, and looks.
void drive(const std::string& kind, std::uint64_t call) {
  SCOPED_TRACE(kind + std::to_string(call));
  const testing::TemporaryFolder folder;
  const int ended = run_child(folder.path(), kind + ":" + std::to_string(call));
  if (kind == "eio")
    EXPECT_TRUE(ended == 0 || ended == 1) << ended;
  else
    EXPECT_TRUE(ended == kKilled || ended == 0) << ended;
  const std::map<std::string, std::string> before = acknowledged(folder.path());
  ASSERT_EQ(run_child(folder.path(), ""), 0) << lines_of(folder.path() + "/stderr").back();
  const std::map<std::string, std::string> told = acknowledged(folder.path());
  for (const auto& [what, value] : before) EXPECT_EQ(told.at(what), value);
  House house;
  ASSERT_OK(house.open(folder.path(), house.issuing.signer));
  expect_recorded(house, folder.path());
  expect_standings(house, told);
  expect_keys(house, told);
}

void drive_all(const std::string& kind, std::uint64_t step) {
  const std::uint64_t calls = count_calls();
  ASSERT_GT(calls, 50U) << "the shim counts";
  for (std::uint64_t call = 1; call <= calls && !::testing::Test::HasFailure(); call += step)
    drive(kind, call);
}

TEST(PkiCrash, DeathAtSomeCalls) {
  drive_all("kill", 37);
}
TEST(PkiCrash, AFailedWriteAtSomeCalls) {
  drive_all("eio", 41);
}
TEST(PkiCrash, DeathAtEveryCall) {
  drive_all("kill", 1);
}
TEST(PkiCrash, ATornWriteAtEveryCall) {
  drive_all("tear", 1);
}
TEST(PkiCrash, AFailedWriteAtEveryCall) {
  drive_all("eio", 1);
}

TEST(PkiCrash, ADiskThatRefusesEverythingSignsNothingUnrecorded) {
  const std::uint64_t calls = count_calls();
  // Not so near the end that only the closing of the database is refused.
  for (std::uint64_t call = 1; call + calls / 5 <= calls; call += calls / 5) {
    const testing::TemporaryFolder folder;
    EXPECT_EQ(run_child(folder.path(), "eio:" + std::to_string(call) + "+"), 1);
    ASSERT_EQ(run_child(folder.path(), ""), 0);
    House house;
    ASSERT_OK(house.open(folder.path(), house.issuing.signer));
    expect_recorded(house, folder.path());
  }
}

}  // namespace
}  // namespace heqi::pki_crash
