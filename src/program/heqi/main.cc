// heqi: the platform and its command line.
#include <cstdio>
#include <vector>

#include "commands.h"
#include "demo_command.h"
#include "process.h"
#include "serve_command.h"

namespace heqi::program {
namespace {

struct Command {
  std::string_view name, english, chinese;
  int (*run)(CommandLine);
};

constexpr Command kCommands[] = {
    {"serve", "runs the platform", "运行平台", run_serve},
    {"demo", "the main job with two persons and two devices, verified", "主流程演示", run_demo},
    {"verify", "verifies signed documents", "验证已签文件", run_verify},
    {"device", "a person's terminal, beside heqi-device", "签名终端", run_device},
    {"sign", "signs PDF and OFD files, or beside any file", "签名 PDF、OFD 或任意文件", run_sign},
    {"pdf", "inspects, lints and prepares PDF files", "检查与准备 PDF", run_pdf},
    {"seal", "makes and inspects electronic seals", "制作与查看印章", run_seal},
    {"ofd", "makes the OFD twin of a PDF", "制作同版式 OFD", run_ofd},
    {"watermark", "marks against counterfeits on OFD pages", "OFD 防伪水印", run_watermark},
    {"render", "draws pages of an OFD or PDF", "渲染 OFD 或 PDF 页面", run_render},
    {"evidence", "verifies evidence packages of contracts", "验证合同证据包", run_evidence},
    {"documents", "the document services over HTTP", "文档服务（HTTP）", run_documents},
    {"ca", "a certificate authority in a folder", "目录式证书机构", run_ca},
    {"selfcheck", "what works here and what does not", "自检", run_selfcheck},
};

int print_help(std::FILE* to, int code) {
  std::fprintf(to, "heqi COMMAND [--help]\n\n");
  for (const Command& command : kCommands)
    std::fprintf(to, "  %-10.*s %.*s · %.*s\n", static_cast<int>(command.name.size()),
                 command.name.data(), static_cast<int>(command.english.size()),
                 command.english.data(), static_cast<int>(command.chinese.size()),
                 command.chinese.data());
  return code;
}

int run(const std::vector<std::string_view>& arguments) {
  if (arguments.empty()) return print_help(stderr, 2);
  if (arguments[0] == "--help" || arguments[0] == "help") return print_help(stdout, 0);
  if (arguments[0] == "worker" && arguments.size() == 2) return run_worker(arguments[1]);
  for (const Command& command : kCommands)
    if (command.name == arguments[0]) return command.run(CommandLine(arguments).subspan(1));
  std::fprintf(stderr, "heqi: there is no command \"%.*s\"\n\n",
               static_cast<int>(arguments[0].size()), arguments[0].data());
  return print_help(stderr, 2);
}

}  // namespace
}  // namespace heqi::program

int main(int argc, char** argv) {
  return heqi::program::run(std::vector<std::string_view>(argv + 1, argv + argc));
}
