// A contract by the number that stands on its print: what a stranger hears, and what not.
#include "evidence_world.h"
#include "shell.h"

namespace heqi::testing {
namespace {

using base::Code;
using services::contract::printed_number;
using services::contract::read_number;

struct Genuine : ::testing::Test {
  static void SetUpTestSuite() { made = std::make_unique<Installation>(); }
  static void TearDownTestSuite() { made.reset(); }
  Genuine() { made->house.restart(); }  // nobody has asked yet

  services::contract::Genuineness& desk() { return made->house.services->genuineness; }
  http::Response ask(const std::string& number, const std::string& from = "192.0.2.1") {
    http::Request request;
    request.method = http::Method::get;
    request.target = "/api/v1/numbers/" + http::percent_encoded(number);
    request.peer_address = from;
    return made->house.services->router.answer(std::move(request));
  }
  static std::string unknown(int i) {
    return std::string(25, 'a') + static_cast<char>('a' + i % 26);
  }

  static inline std::unique_ptr<Installation> made;
};

// shows: ECP-3.2.4.2-c
TEST_F(Genuine, ACompleteContractIsFoundByItsNumberHoweverItIsTyped) {
  const std::string printed = printed_number(made->first);
  EXPECT_EQ(printed.size(), 26U + 6U);
  std::string hyphens = printed, tight = made->first, misread = printed;
  for (char& c : hyphens) c = c == ' ' ? '-' : c;
  for (char& c : misread) c = c == 'O' ? '0' : c == 'I' ? '1' : c == 'B' ? '8' : c;
  for (const std::string& typed : {printed, hyphens, tight, misread, " " + printed + " "}) {
    const auto found = desk().find(typed, "192.0.2.1");
    ASSERT_OK(found);
    EXPECT_EQ(found->contract, made->first) << typed;
  }
  const auto found = must(desk().find(printed, "192.0.2.1"));
  EXPECT_EQ(found.completed_at, *made->get(made->first).ended_at);
  EXPECT_EQ(found.sm3,
            base::to_hex(crypto::sm3(must(made->platform().document(made->get(made->first))))));
}

// The number stands in the visible signature of each party, so that who holds the print can ask.
// shows: ECP-3.2.4.2-c
TEST_F(Genuine, TheNumberStandsInEveryVisibleSignature) {
  TemporaryFolder folder;
  ASSERT_OK(base::write_file(folder.path() + "/contract.pdf",
                             must(made->platform().document(made->get(made->first)))));
  const demo::Ran ran = demo::shell("cd " + folder.path() + " && pdftotext contract.pdf -");
  ASSERT_EQ(ran.status, 0) << ran.output;
  const std::string printed = "验真编号 " + printed_number(made->first);
  std::size_t count = 0;
  for (std::size_t at = ran.output.find(printed); at != std::string::npos;
       at = ran.output.find(printed, at + 1))
    ++count;
  EXPECT_EQ(count, 2U) << ran.output;
}

// shows: ECP-3.2.4.2-c
TEST_F(Genuine, AStrangerHearsNoNameNoTitleAndNoText) {
  const http::Response said = ask(printed_number(made->first));
  ASSERT_EQ(said.status, 200);
  const std::string text(base::text_of(said.body));
  for (const std::string& secret : {std::string("张三"), std::string("李四"), std::string("租赁"),
                                    made->owner, made->zhang_id, std::string("example.cn")})
    EXPECT_EQ(text.find(secret), std::string::npos) << text;
  const http::Json json = must(http::parse_json(said.body));
  ASSERT_NE(json.object(), nullptr);
  EXPECT_EQ(json.object()->size(), 4U) << text;
}

// mutant: tests/mutants/ECP-3.2.4.2-c.complete
// shows: ECP-3.2.4.2-c
TEST_F(Genuine, AContractThatIsNotCompleteIsAsUnknownAsOneThatIsNot) {
  const http::Response none = ask(unknown(1));
  EXPECT_EQ(none.status, 404);
  const auto without_trace = [](const http::Response& response) {
    const std::string text(base::text_of(response.body));
    return text.substr(0, text.find("\"trace\""));
  };
  const std::string id = made->begin();
  EXPECT_EQ(without_trace(ask(id)), without_trace(none));
  ASSERT_OK(made->platform().withdraw(made->owner, id, "test"));
  EXPECT_EQ(without_trace(ask(id)), without_trace(none));
  for (const std::string& typed :
       {std::string("x"), std::string("*"), std::string(26, 'a'), made->first + "a",
        made->first.substr(1), "租赁合同" + made->first, std::string(200, 'a'), "' OR 1=1 --" + id})
    EXPECT_EQ(ask(typed, typed).status, 404) << typed;
}

// mutant: tests/mutants/ECP-3.2.4.2-c.misses
// shows: ECP-3.2.4.2-c
TEST_F(Genuine, WhoTriesManyNumbersIsRefusedForAWhile) {
  for (int i = 0; i < services::contract::kNumberMissesMax; ++i)
    EXPECT_ERROR(desk().find(unknown(i), "192.0.2.1"), Code::not_found);
  EXPECT_ERROR(desk().find(unknown(1), "192.0.2.1"), Code::rate_limited);
  EXPECT_ERROR(desk().find(made->first, "192.0.2.1"), Code::rate_limited);
  EXPECT_EQ(ask(made->first).status, 429);
  EXPECT_OK(desk().find(made->first, "192.0.2.2"));
  made->house.clock.advance(services::contract::kNumberMissWindow);
  EXPECT_OK(desk().find(made->first, "192.0.2.1"));
}

TEST_F(Genuine, WhoAsksForWhatThereIsMayGoOn) {
  for (int i = 0; i < 3 * services::contract::kNumberMissesMax; ++i)
    EXPECT_OK(desk().find(made->first, "192.0.2.1"));
}

TEST_F(Genuine, ManyAskersTakeNoMemoryWithoutEnd) {
  for (std::size_t i = 0; i < services::contract::kNumberAskersMax + 10; ++i)
    EXPECT_ERROR(desk().find("x", std::to_string(i)), Code::not_found);
  EXPECT_OK(desk().find(made->first, "192.0.2.1"));
}

TEST(Number, IsReadAsItWasPrinted) {
  EXPECT_EQ(printed_number("abcdefghij"), "ABCD EFGH IJ");
  EXPECT_EQ(read_number("ABCD EFGH IJ"), "abcdefghij");
  EXPECT_EQ(read_number(" 0-1-8 "), "oib");
  EXPECT_EQ(read_number(""), "");
}

}  // namespace
}  // namespace heqi::testing
