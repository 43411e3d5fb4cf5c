#include "demo_command.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/report_text.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>

#include "arguments.h"
#include "demo_client.h"
#include "free_port.h"
#include "process.h"
#include "serve_command.h"
#include "terminal.h"
#include "verification.h"

namespace heqi::program {
namespace {

constexpr Option kOptions[] = {
    {"--output", "DIR", "where contract, report and timings go", "输出目录", Need::required},
    {"--document", "FILE", "the PDF to be signed (default: the example lease)", "待签 PDF"},
    {"--database", "D", "sqlite (default), a postgres:// URL, or postgres (HEQI_POSTGRES_URL)",
     "数据库"},
};
constexpr Syntax kSyntax{
    .command = "heqi demo",
    .operands = "",
    .english =
        "Starts the platform, the key centre and two devices; two persons sign a contract over the "
        "network; the result is verified.",
    .chinese = "启动平台、密钥中心与两台签名设备，由两人在线签署合同并验证结果。",
    .options = kOptions};

constexpr base::Duration kPatience = std::chrono::seconds(60);
constexpr const char* kDemoPassword = "only for the demo";  // the platform ends with the demo
constexpr std::string_view kMark = "made-by-heqi-demo";

// Stopwatch prints each step as it ends and keeps the table.
class Stopwatch {
 public:
  void lap(const std::string& step) {
    const base::Duration now = clock_.steady();
    const double seconds = static_cast<double>((now - last_).count()) / 1e6;
    std::printf("  %6.2f s  %s\n", seconds, step.c_str());
    std::fflush(stdout);
    laps_.emplace_back(step, seconds);
    last_ = now;
  }
  double total() const { return static_cast<double>((clock_.steady() - start_).count()) / 1e6; }
  std::string table() const {
    std::string out;
    char line[200];
    for (const auto& [step, seconds] : laps_) {
      std::snprintf(line, sizeof line, "%8.3f s  %s\n", seconds, step.c_str());
      out.append(line);
    }
    std::snprintf(line, sizeof line, "%8.3f s  in all\n", total());
    return out.append(line);
  }

 private:
  base::SystemClock clock_;
  base::Duration start_ = clock_.steady(), last_ = start_;
  std::vector<std::pair<std::string, double>> laps_;
};

base::Result<base::Bytes> find_document(const Arguments& arguments) {
  constexpr std::size_t size_max = std::size_t{50} << 20;
  if (const auto given = arguments.find("--document")) return base::read_file(*given, size_max);
  HEQI_TRY(const std::string program, find_program("heqi"));
  const std::string folder = program.substr(0, program.rfind('/'));
  for (const std::string& candidate :
       {std::string("examples/lease.pdf"), folder + "/../share/heqi/lease.pdf",
        folder + "/../../../../../examples/lease.pdf"})
    if (auto found = base::read_file(candidate, size_max)) return found;
  return base::fail(base::Code::not_found, "examples/lease.pdf; give --document FILE");
}

// PartyOfDemo is one person with a device.
struct PartyOfDemo {
  std::string name, email, id_number, pin, id;
  std::string socket;
  std::optional<Process> device;
};

class Demo {
 public:
  Demo(std::string output, std::string database)
      : output_(std::move(output)), database_(std::move(database)) {}

  base::Result<int> run(base::ByteView document);

 private:
  base::Status clear_output();
  base::Status start_platform();
  base::Status start_device(PartyOfDemo& party);
  base::Status enrol(DeskClient& desk, PartyOfDemo& party);
  base::Status sign(DeskClient& desk, PartyOfDemo& party);
  base::Result<int> judge(base::ByteView file);
  base::Result<terminal::TerminalClient> device_of(const PartyOfDemo& party);
  std::string platform() const { return output_ + "/platform"; }

  std::string output_, database_, server_, pki_, root_pem_;
  std::optional<Process> platform_process_;
  PartyOfDemo parties_[2] = {
      {"张三", "zhangsan@example.cn", "11010519491231002X", "482913", {}, {}, {}},
      {"李四", "lisi@example.cn", "440308199901010012", "730516", {}, {}, {}},
  };
  Stopwatch watch_;
  std::unique_ptr<base::FileStore> files_, outbox_;
};

base::Status Demo::clear_output() {
  std::error_code error;
  output_ = std::filesystem::absolute(output_, error).string();
  HEQI_TRY(files_, base::open_folder(output_));
  if (std::filesystem::exists(platform(), error)) {
    if (!files_->read("platform/" + std::string(kMark), 64))
      return base::fail(base::Code::conflict,
                        platform() + " is not of an earlier demo; choose another folder");
    std::filesystem::remove_all(platform(), error);
    for (const char* name : {"platform.log", "device-1.log", "device-2.log"})
      std::filesystem::remove(output_ + "/" + name, error);
  }
  return files_->write("platform/" + std::string(kMark), {});
}

base::Status Demo::start_platform() {
  HEQI_TRY(const std::string program, find_program("heqi"));
  HEQI_TRY(const std::uint16_t port, free_port());
  HEQI_TRY(const std::uint16_t signing_port, free_port());
  HEQI_TRY(const std::uint16_t pki_port, free_port());
  std::vector<std::string> arguments = {program,          "serve",
                                        "--embedded",     platform(),
                                        "--port",         std::to_string(port),
                                        "--signing-port", std::to_string(signing_port),
                                        "--pki-port",     std::to_string(pki_port)};
  if (!database_.empty()) arguments.insert(arguments.end(), {"--database", database_});
  HEQI_TRY(Process process, Process::start(arguments, output_ + "/platform.log"));
  platform_process_.emplace(std::move(process));
  HEQI_TRY(wait_for_port(port, *platform_process_, kPatience));
  server_ = "https://127.0.0.1:" + std::to_string(port);
  pki_ = "http://127.0.0.1:" + std::to_string(pki_port);
  HEQI_TRY(const base::Bytes pem, files_->read("platform/data/tls/root.pem", 64 * 1024));
  root_pem_ = base::text_of(pem);
  HEQI_TRY(outbox_, base::open_folder(platform() + "/data/outbox"));
  return {};
}

base::Status Demo::start_device(PartyOfDemo& party) {
  const std::string number = &party == &parties_[0] ? "1" : "2",
                    folder = platform() + "/device-" + number;
  party.socket = folder + ".socket";
  const std::string configuration = "socket = \"" + party.socket + "\"\nstate_folder = \"" +
                                    folder + "/state\"\nkey_folder = \"" + folder +
                                    "/key\"\nname = \"device-" + number + "\"\n";
  HEQI_TRY(files_->write("platform/device-" + number + ".toml", base::bytes_of(configuration)));
  HEQI_TRY(const std::string program, find_program("heqi-device"));
  HEQI_TRY(Process process, Process::start({program, "--config", folder + ".toml"},
                                           output_ + "/device-" + number + ".log"));
  party.device.emplace(std::move(process));
  return wait_for_socket(party.socket, *party.device, kPatience);
}

base::Result<terminal::TerminalClient> Demo::device_of(const PartyOfDemo& party) {
  return terminal::TerminalClient::connect(party.socket);
}

base::Status Demo::enrol(DeskClient& desk, PartyOfDemo& party) {
  HEQI_TRY(party.id, desk.add_person(party.name, party.email, party.id_number));
  HEQI_TRY(desk.authorise(party.id));
  HEQI_TRY(const std::string code,
           Mailbox(*outbox_).wait_for("authorisation_code", party.email, is_code, kPatience));
  HEQI_TRY(start_device(party));
  HEQI_TRY(terminal::TerminalClient device, device_of(party));
  HEQI_TRY(device.initialise());
  const base::SystemClock clock;
  TerminalOptions options;
  options.server = server_;
  Terminal terminal(device, desk.fetch(), clock, std::move(options));
  HEQI_TRY(const Outcome outcome,
           terminal.enrol(code, base::SecretBytes::copy_of(base::bytes_of(party.pin))));
  if (outcome.what != "certificate_installed")
    return base::fail(base::Code::internal, outcome.what);
  return {};
}

base::Status Demo::sign(DeskClient& desk, PartyOfDemo& party) {
  HEQI_TRY(const std::string link,
           Mailbox(*outbox_).wait_for("invitation", party.email, is_link, kPatience));
  HEQI_TRY(terminal::TerminalClient device, device_of(party));
  const base::SystemClock clock;
  TerminalOptions options;
  options.server = server_;
  Terminal terminal(device, desk.fetch(), clock, std::move(options));
  PersonWithPin person(
      base::SecretBytes::copy_of(base::bytes_of(party.pin)), [&](const device::Display& display) {
        std::printf("            %s sees: %s, %llu octets, code %s, from %s\n", party.name.c_str(),
                    display.title.c_str(), static_cast<unsigned long long>(display.size),
                    display.code.c_str(), display.application.c_str());
      });
  HEQI_TRY(const Outcome outcome, terminal.sign(link, person));
  if (outcome.what != "signed") return base::fail(base::Code::internal, outcome.what);
  return {};
}

class AllDigests final : public pki::Digester {
 public:
  base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) const override {
    return ossl::digest(algorithm, data);
  }
};

// judge verifies the file with nothing but the root certificate, as anybody could.
base::Result<int> Demo::judge(base::ByteView file) {
  base::FetchRequest request;
  request.url = pki_ + "/certificates/root.cer";
  http::CurlFetch fetch({.allows_plain = true});
  HEQI_TRY(const base::FetchAnswer root, fetch.fetch(request));
  HEQI_TRY(files_->write("root.cer", root.body));
  pki::TrustStore anchors;
  HEQI_TRY(anchors.add_encoded(root.body));
  const auto verifier = ossl::make_signature_verifier();
  const AllDigests digests;
  const base::SystemClock clock;
  HEQI_TRY(const documents::verify::Report report,
           verify_document(file, anchors, {*verifier, digests}, clock.now()));
  HEQI_TRY(files_->write("report.json", base::bytes_of(documents::verify::to_json(report))));
  const std::string text = documents::verify::to_text(report, documents::verify::Language::both);
  HEQI_TRY(files_->write("report.txt", base::bytes_of(text)));
  std::printf("\n%s\n", text.c_str());
  int time_stamped = 0, signatures = 0;
  for (const documents::verify::SignatureReport& signature : report.signatures) {
    if (signature.kind != documents::verify::SignatureKind::signature) continue;
    ++signatures;
    time_stamped += signature.time == documents::verify::TimeProof::time_stamped ? 1 : 0;
  }
  const bool holds = report.verdict == documents::verify::Verdict::valid && signatures == 2 &&
                     time_stamped == 2 && report.signatures.size() == 3;
  return holds ? kExitDone : kExitRefused;
}

base::Result<int> Demo::run(base::ByteView document) {
  HEQI_TRY(clear_output());
  std::printf("Heqi demo 合契演示 → %s\n", output_.c_str());
  HEQI_TRY(start_platform());
  watch_.lap("platform and key centre started, ceremony held");
  HEQI_TRY(const base::Bytes log, base::read_file(output_ + "/platform.log", 1 << 24));
  DeskClient desk(server_, root_pem_);
  HEQI_TRY(desk.set_up(base::text_of(log), "admin@heqi.invalid", kDemoPassword));
  watch_.lap("the first administrator opened the set-up link");
  for (PartyOfDemo& party : parties_) {
    HEQI_TRY(enrol(desk, party));
    watch_.lap(party.name +
               " identified (sandbox); device enrolled, key made with the key centre, certificate "
               "installed");
  }
  HEQI_TRY(const std::string contract,
           desk.create_contract("房屋租赁合同", document, {parties_[0].id, parties_[1].id}));
  HEQI_TRY(desk.start_contract(contract));
  watch_.lap("contract uploaded, checked, prepared and sent");
  std::size_t have_signed = 0;
  for (PartyOfDemo& party : parties_) {
    HEQI_TRY(sign(desk, party));
    HEQI_TRY(desk.wait_for_signatures(contract, ++have_signed, kPatience));
    watch_.lap(party.name + " signed with device and PIN; time-stamped and embedded");
  }
  HEQI_TRY(desk.wait_for_state(contract, "complete", kPatience));
  watch_.lap("time-stamps, validation data and document time-stamp added");
  HEQI_TRY(const base::Bytes file, desk.download(contract));
  HEQI_TRY(files_->write("contract.pdf", file));
  HEQI_TRY(const int code, judge(file));
  watch_.lap("verified");
  HEQI_TRY(files_->write("timings.txt", base::bytes_of(watch_.table())));
  std::printf(
      "\n%.2f s in all. Files: %s/{contract.pdf,report.json,report.txt,timings.txt,root.cer}\n",
      watch_.total(), output_.c_str());
  return code;
}

base::Result<int> run(const Arguments& arguments) {
  std::string database = arguments.find("--database").value_or("sqlite");
  if (database == "sqlite") database.clear();
  if (database == "postgres") {
    const char* url = std::getenv("HEQI_POSTGRES_URL");
    if (url == nullptr)
      return base::fail(base::Code::malformed,
                        "--database postgres needs HEQI_POSTGRES_URL; or give the URL");
    database = url;
  }
  HEQI_TRY(const base::Bytes document, find_document(arguments));
  return Demo(arguments.get("--output"), database).run(document);
}

}  // namespace

int run_demo(CommandLine arguments) {
  return run_command(kSyntax, arguments, run);
}

}  // namespace heqi::program
