// heqi ca: a certificate authority in a folder, for trials and small installations.
#include <cstdio>

#include "ca_office.h"
#include "commands.h"

namespace heqi::program {
namespace {

std::vector<CaCommand> all_commands() {
  std::vector<CaCommand> all;
  for (const auto group : {ca_making_commands(), ca_desk_commands(), ca_standing_commands(),
                           ca_pair_commands(), ca_enrol_commands()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

std::string list_commands() {
  constexpr std::size_t indent = 14;
  std::string out =
      "heqi ca COMMAND DIR [OPTION…]\n\nA certificate authority in a folder.\n"
      "目录式证书机构。\n\n";
  for (const CaCommand& command : all_commands()) {
    std::string left = "  " + std::string(command.name);
    left.resize(indent, ' ');
    out += left + std::string(command.syntax.english) + "\n" + std::string(indent, ' ') +
           std::string(command.syntax.chinese) + "\n";
  }
  return out + "\nheqi ca COMMAND --help tells more.\n";
}

}  // namespace

int run_ca(CommandLine arguments) {
  const Chosen chosen = choose_command({}, arguments);
  if (chosen.command.empty()) {
    const bool asks = !chosen.rest.empty() && chosen.rest.front() == "--help";
    std::fputs(list_commands().c_str(), asks ? stdout : stderr);
    return asks ? kExitDone : kExitUsage;
  }
  const std::vector<CaCommand> commands = all_commands();
  std::vector<std::string_view> names;
  for (const CaCommand& command : commands) {
    if (command.name == chosen.command)
      return run_command(command.syntax, chosen.rest, command.run);
    names.push_back(command.name);
  }
  const std::string_view near = nearest(chosen.command, names);
  print_usage_error("heqi ca",
                    "no command " + std::string(chosen.command) +
                        (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
  return kExitUsage;
}

}  // namespace heqi::program
