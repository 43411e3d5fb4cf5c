#include "device_batch_command.h"

#include <heqi/base/json.h>

#include <array>
#include <cstdio>

#include "device_connection.h"
#include "display_text.h"
#include "person_at_keyboard.h"

namespace heqi::program {

using base::Result;

namespace {

constexpr Option kBatchLink{"--link", "URL",
                            "ask for the document of this link first; may be said again",
                            "先请求该链接所指的文件，可重复", Need::repeatable};
constexpr std::array kBatchOptions{
    kSocket,
    Option{"--server", "URL", "the platform, where it is not the host of the first link",
           "平台地址（与首个链接的主机不同时）"},
    kBatchLink,
    Option{"--show", "", "only show what waits", "只显示待签文件，不签署"},
    Option{"--leave-out", "TRANSACTION",
           "do not sign this one, it goes on waiting; may be repeated",
           "不签该文件，使其继续等待，可重复", Need::repeatable},
    Option{"--despite", "NAME[,NAME]", "sign PDFs that show otherwise elsewhere: as in sign",
           "仍签署检查不通过的 PDF，同 sign"},
    kPinFile,
    kPinStdin,
    kFactorsFile,
    kTrust,
    kWait,
    kJson};

std::string_view result_of(const Outcome& outcome, const device::Display& item) {
  for (const device::SignResult& one : outcome.results)
    if (one.transaction_id == item.transaction_id)
      return one.failure ? base::error_text(*one.failure).id : std::string_view("signed");
  return {};
}

void print_batch_json(const Outcome& outcome) {
  base::JsonWriter json;
  json.begin_object().field("outcome", outcome.what);
  json.key("documents").begin_array();
  for (const device::Display& item : outcome.items) {
    json.begin_object().field("transaction", item.transaction_id).field("title", item.title);
    if (const std::string_view result = result_of(outcome, item); !result.empty())
      json.field("result", result);
    write_display(json.key("display"), item);
    json.end_object();
  }
  json.end_array();
  // What the device would not show it refused, and the service was told.
  json.key("results").begin_array();
  for (const device::SignResult& one : outcome.results)
    json.begin_object()
        .field("transaction", one.transaction_id)
        .field("result", one.failure ? base::error_text(*one.failure).id : "signed")
        .end_object();
  json.end_array().end_object();
  std::fprintf(stdout, "%s\n", json.str().c_str());
}

int print_batch(const Arguments& arguments, const Outcome& outcome) {
  const bool whole = outcome.what != "cancelled" && outcome.what != device::kSignedInPart;
  const int code = whole ? kExitDone : kExitRefused;
  if (arguments.has("--json")) {
    print_batch_json(outcome);
    return code;
  }
  for (const device::SignResult& one : outcome.results)
    print_line(stdout,
               one.failure ? std::string(base::error_text(*one.failure).id) + "  "
                           : std::string("signed / 已签署  "),
               printable(one.transaction_id));
  if (outcome.what == "signed") {
    std::puts("all are signed / 全部已签署");
  } else if (outcome.what == device::kSignedInPart) {
    std::puts("not all are signed, see above / 部分未签署，见上");
  } else if (outcome.what == "cancelled") {
    std::puts("cancelled, nothing was signed / 已取消，未签署任何内容");
  } else if (outcome.what == "idle") {
    std::puts("nothing waits / 没有待处理的事项");
  } else {
    std::puts(outcome.what.c_str());
  }
  return code;
}

}  // namespace

const Syntax kBatchSyntax{"heqi device batch",
                          "",
                          0,
                          0,
                          "Shows every document that waits, and signs them all with one PIN.",
                          "逐份显示所有待签文件，输入一次 PIN 全部签署。",
                          kBatchOptions};

Result<int> sign_batch(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  if (arguments.has("--show")) {
    HEQI_TRY(Outcome outcome, connection->terminal->look_at_list());
    if (outcome.items.empty()) return print_batch(arguments, outcome);
    outcome.what = "waiting";
    if (arguments.has("--json")) return print_batch(arguments, outcome);
    print_list(outcome.items);
    return kExitDone;
  }
  PersonAtKeyboard person(arguments);
  HEQI_TRY(const Outcome outcome,
           connection->terminal->sign_list(arguments.all("--link"), arguments.all("--leave-out"),
                                           person));
  return print_batch(arguments, outcome);
}

}  // namespace heqi::program
