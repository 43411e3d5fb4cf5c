// heqi selfcheck: what works here and what does not, in plain words.
#include <sys/resource.h>
#include <unistd.h>

#include <heqi/base/json.h>
#include <heqi/base/local_socket.h>
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/self_test.h>
#include <heqi/documents/appearance/font.h>
#include <heqi/services/tsa/authority.h>
#include <heqi/sql/migrations.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "arguments.h"
#include "commands.h"
#include "configuration.h"
#include "process.h"
#include "selfcheck.h"
#include "software_key.h"
#include "time_source.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::array kOptions{
    Option{"--config", "FILE", "also check what this configuration of heqi serve needs",
           "同时检查此 heqi serve 配置所需的条件"},
    Option{"--json", "", "answer in JSON", "以 JSON 输出"}};

constexpr Syntax kSyntax{
    "heqi selfcheck",
    "",
    0,
    0,
    "Says what works on this machine and what does not. Exit code 0: nothing is red; 1: something "
    "is.",
    "检查本机环境。退出码 0：没有红色项；1：有红色项。",
    kOptions};

// Colour: green works; amber works with a limit that the text names; red does not work.
enum class Colour : std::uint8_t { green, amber, red };

std::string_view name_of(Colour colour) {
  return colour == Colour::green ? "green" : colour == Colour::amber ? "amber" : "red";
}

struct Check {
  std::string_view name;
  Colour colour = Colour::green;
  std::string english, chinese;
};

Check failed(std::string_view name, Colour colour, const base::Error& error,
             std::string_view english, std::string_view chinese) {
  const std::string detail = error.detail.empty() ? "" : " (" + error.detail + ")";
  return {name, colour, std::string(english) + detail, std::string(chinese) + detail};
}

Check check_algorithms() {
  const base::Status status = crypto::run_self_tests();
  if (!status)
    return failed("algorithms", Colour::red, status.error(),
                  "A known answer came out wrong: this machine must not sign.",
                  "已知答案自检失败：本机不得签名。");
  return {"algorithms", Colour::green, "Every algorithm gives its known answer.",
          "所有算法的已知答案自检通过。"};
}

// What may be claimed of the module is said where an operator looks, and nothing more
// (docs/security-policy.md).
Check check_module() {
  return {"module", Colour::green,
          "Uncertified software module: no certificate of a product is claimed.",
          "未经认证的软件密码模块：不声明任何产品认证。"};
}

Check check_randomness() {
  const auto made = make_randomness();
  if (!made)
    return failed("randomness", Colour::red, made.error(), "The entropy source is not healthy.",
                  "熵源健康检测未通过。");
  return {"randomness", Colour::green, "The entropy source passes its health tests.",
          "熵源健康检测通过。"};
}

Check check_memory() {
  constexpr rlim_t enough = rlim_t{256} << 20;
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
    return {"memory", Colour::amber, "The limit of locked memory cannot be read.",
            "无法读取内存锁定上限。"};
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= enough || ::geteuid() == 0)
    return {"memory", Colour::green, "Keys can be kept out of swap.", "密钥不会被换出到磁盘。"};
  const std::string kilobytes = std::to_string(limit.rlim_cur / 1024) + " KiB";
  return {"memory", Colour::amber,
          "Only " + kilobytes + " can be locked: keys may reach the swap area. Set " +
              "LimitMEMLOCK=infinity or ulimit -l unlimited.",
          "仅可锁定 " + kilobytes + "，密钥可能进入交换区。请设置 LimitMEMLOCK=infinity。"};
}

Check check_fonts() {
  const auto font = documents::appearance::Font::open();
  if (!font)
    return failed("fonts", Colour::red, font.error(),
                  "No Chinese font: visible signatures cannot be drawn. Install fonts-noto-cjk.",
                  "没有中文字体，无法绘制可见签名。请安装 fonts-noto-cjk。");
  return {"fonts", Colour::green, "Visible signatures are drawn with " + font->name() + ".",
          "可见签名使用字体 " + font->name() + "。"};
}

Check check_time(const base::Clock& clock) {
  services::tsa::KernelTimeSource kernel(clock);
  const auto now = kernel.now();
  if (!now)
    return failed("time", Colour::amber, now.error(),
                  "The clock is not synchronised: time-stamps only with time_source = \"system\", "
                  "under the test policy, without a claim of accuracy. Run an NTP client, or name "
                  "time servers: time_source = \"ntp:HOST\".",
                  "时钟未同步：仅能以 time_source = \"system\" 按测试策略签发时间戳，不声明精度。"
                  "请运行 NTP 客户端，或指定时间服务器：time_source = \"ntp:主机\"。");
  return {"time", Colour::green, "The kernel says that the clock is right within 500 ms.",
          "内核确认时钟误差在 500 毫秒以内。"};
}

// check_time_servers asks those of the configuration.
Check check_time_servers(const std::string& choice) {
  const base::SystemClock clock;
  base::SystemRandom random;
  base::NullLog log;
  const auto keeping = open_time_source(choice, clock, random, log);
  if (!keeping)
    return failed("time_source", Colour::red, keeping.error(),
                  "The setting time_source cannot be used.", "时间源设置 time_source 不可用。");
  if (const auto now = keeping->source->now(); !now)
    return failed("time_source", Colour::red, now.error(),
                  "The time servers do not confirm the clock: nothing is time-stamped.",
                  "时间服务器未确认本机时钟：无法签发时间戳。");
  return {"time_source", Colour::green, "The time servers confirm the clock.",
          "时间服务器已确认本机时钟。"};
}

Check check_program(std::string_view name) {
  const auto path = find_program(name);
  if (!path)
    return failed(name, Colour::amber, path.error(), "Not installed beside heqi.",
                  "未与 heqi 安装在一起。");
  return {name, Colour::green, *path, *path};
}

Check check_database(const std::string& url) {
  constexpr std::string_view kSqlite = "sqlite:";
  std::error_code none;
  if (url.starts_with(kSqlite) && !std::filesystem::exists(url.substr(kSqlite.size()), none))
    return {"database", Colour::amber, "The database is not there yet: the first start makes it.",
            "数据库尚不存在，首次启动时创建。"};
  const auto database = sql::Database::open({.url = url, .attempts_max = 1});
  if (!database)
    return failed("database", Colour::red, database.error(), "The database cannot be opened.",
                  "无法打开数据库。");
  const auto answer = (*database)->with_snapshot(
      [](sql::Transaction& tx) -> Result<sql::Row> { return tx.get_row("SELECT 1"); });
  if (!answer)
    return failed("database", Colour::red, answer.error(), "The database does not answer.",
                  "数据库没有响应。");
  return {"database", Colour::green, "The database answers.", "数据库正常。"};
}

Check check_folder(const std::string& path) {
  std::error_code none;
  if (!std::filesystem::exists(path, none))
    return {"data_folder", Colour::amber, path + " is not there yet: the first start makes it.",
            path + " 尚不存在，首次启动时创建。"};
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0)
    return {"data_folder", Colour::red, path + " cannot be written by this user.",
            "本用户无法写入 " + path + "。"};
  return {"data_folder", Colour::green, path + " can be written.", path + " 可写。"};
}

Check check_module(const std::string& socket) {
  const auto connection = base::LocalConnection::connect(socket, std::chrono::seconds(2));
  if (!connection)
    return failed("key_centre", Colour::red, connection.error(),
                  "heqi-module does not answer at its socket: start it first.",
                  "heqi-module 没有响应，请先启动。");
  return {"key_centre", Colour::green, "heqi-module answers.", "heqi-module 正常。"};
}

void check_parts(const Configuration& configuration, std::vector<Check>& checks) {
  checks.push_back(check_database(configuration.database));
  checks.push_back(check_folder(configuration.data_folder));
  checks.push_back(check_module(configuration.module_socket));
  if (configuration.time_source != "kernel" && configuration.time_source != "system")
    checks.push_back(check_time_servers(configuration.time_source));
}

void check_configuration(const std::string& path, std::vector<Check>& checks) {
  const auto configuration = read_configuration(path);
  if (!configuration) {
    checks.push_back(failed("configuration", Colour::red, configuration.error(),
                            "The configuration cannot be used.", "配置文件不可用。"));
    return;
  }
  checks.push_back({"configuration", Colour::green, path, path});
  check_parts(*configuration, checks);
}

std::vector<Check> check_machine() {
  const base::SystemClock clock;
  return {check_algorithms(),
          check_randomness(),
          check_module(),
          check_memory(),
          check_fonts(),
          check_time(clock),
          check_program("heqi-module"),
          check_program("heqi-device")};
}

std::vector<Check> run_checks(const Arguments& arguments) {
  std::vector<Check> checks = check_machine();
  if (const auto path = arguments.find("--config")) check_configuration(*path, checks);
  return checks;
}

Colour worst_of(const std::vector<Check>& checks) {
  Colour worst = Colour::green;
  for (const Check& check : checks) worst = std::max(worst, check.colour);
  return worst;
}

std::string to_json(const std::vector<Check>& checks) {
  base::JsonWriter json;
  json.begin_object().field("state", name_of(worst_of(checks))).key("checks").begin_array();
  for (const Check& check : checks)
    json.begin_object()
        .field("name", check.name)
        .field("state", name_of(check.colour))
        .field("text_en", check.english)
        .field("text_zh", check.chinese)
        .end_object();
  json.end_array().key("dispatch").begin_object();
  for (const crypto::PrimitivePath& primitive : crypto::primitive_paths())
    json.field(primitive.primitive, primitive.chosen);
  json.end_object().key("untested").begin_array();
  for (const crypto::PrimitivePath& primitive : crypto::primitive_paths())
    for (const std::string_view path : primitive.untested) json.text(path);
  json.end_array().end_object();
  return json.str();
}

// described marks a path that none of our tests ran on a processor which has its instructions.
std::string described(const crypto::PrimitivePath& primitive, std::string_view path) {
  const auto& untested = primitive.untested;
  if (std::find(untested.begin(), untested.end(), path) == untested.end()) return std::string(path);
  return std::string(path) + " (untested on such a processor / 未在此类处理器上测试)";
}

void print_text(const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    const std::string_view colour = name_of(check.colour);
    std::printf("%-6.*s %-14.*s %s\n%22s%s\n", static_cast<int>(colour.size()), colour.data(),
                static_cast<int>(check.name.size()), check.name.data(), check.english.c_str(), "",
                check.chinese.c_str());
  }
  std::puts("\nCode paths, the one in use first / 算法实现，首个为当前使用");
  for (const crypto::PrimitivePath& primitive : crypto::primitive_paths()) {
    std::string line = "  " + std::string(primitive.primitive);
    line.resize(18, ' ');
    line += described(primitive, primitive.chosen);
    for (const std::string_view path : primitive.runnable)
      if (path != primitive.chosen) line += ", " + described(primitive, path);
    std::puts(line.c_str());
  }
}

Result<int> selfcheck(const Arguments& arguments) {
  const std::vector<Check> checks = run_checks(arguments);
  if (arguments.has("--json"))
    std::printf("%s\n", to_json(checks).c_str());
  else
    print_text(checks);
  return worst_of(checks) == Colour::red ? kExitRefused : kExitDone;
}

}  // namespace

base::Result<std::string> selfcheck_report(const Configuration& configuration) {
  std::vector<Check> checks = check_machine();
  check_parts(configuration, checks);
  return to_json(checks);
}

int run_selfcheck(CommandLine arguments) {
  return run_command(kSyntax, arguments, selfcheck);
}

}  // namespace heqi::program
