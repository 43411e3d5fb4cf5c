// person_at_keyboard.h: the person at the terminal of a command.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "arguments.h"
#include "terminal.h"

namespace heqi::program {

// PersonAtKeyboard shows on the terminal and takes the PIN from where the arguments say:
// --pin-file, --new-pin-file, --pin-stdin, else the keyboard; further factors from --factors-file
// and --new-factors-file (a line for each: "passphrase=…"), else the keyboard.
class PersonAtKeyboard final : public Person {
 public:
  explicit PersonAtKeyboard(const Arguments& arguments);

  base::Result<base::SecretBytes> choose_pin() override;
  base::Result<std::optional<base::SecretBytes>> confirm(const device::Display& display) override;
  base::Result<std::optional<base::SecretBytes>> confirm_list(
      const device::Display& list, const std::vector<device::Display>& items) override;
  base::Result<base::SecretBytes> factor(device::Factor kind, WhichKey which) override;
  void progress(std::string_view what) override;

 private:
  bool asks() const { return !file_ && !from_stdin_; }
  base::Result<base::SecretBytes> read() const;
  base::Result<std::optional<base::SecretBytes>> ask_or_refuse(std::string_view question);

  std::optional<std::string> file_, new_file_;
  bool from_stdin_;
  std::optional<std::string> factors_file_, new_factors_file_;
  std::optional<base::SecretBytes> remembered_;
  OneTry once_;
  std::map<device::Factor, base::SecretBytes> remembered_factors_;  // of a PIN just chosen
  std::string last_;
};

}  // namespace heqi::program
