// terminal_list.cc: several documents with one confirmation.
#include <heqi/base/text.h>

#include <algorithm>

#include "terminal.h"

namespace heqi::program {

using base::Code;
using base::Result;
using base::SecretBytes;
using device::Display;
using device::Step;

Result<std::optional<SecretBytes>> Person::confirm_list(const Display&,
                                                        const std::vector<Display>&) {
  return base::fail(Code::unsupported, "nobody is here to look at a list of documents");
}

Result<std::optional<SecretBytes>> PersonWithPin::confirm_list(const Display& list,
                                                               const std::vector<Display>& items) {
  HEQI_TRY(once_.take(list));
  if (on_display_)
    for (const Display& item : items) on_display_(item);
  return std::optional<SecretBytes>(pin_.clone());
}

Result<Outcome> Terminal::sign_list(const std::vector<std::string>& links,
                                    const std::vector<std::string>& left_out, Person& person) {
  if (!links.empty()) {
    // Several may wait for a device once it has said that it takes lists.
    HEQI_TRY(link_server_, server_of(links.front()));
    HEQI_TRY(look_at_list());
  }
  for (std::size_t i = 0; i < links.size(); ++i)
    if (const auto begun = begin(links[i], person); !begun)
      return base::fail(begun.error().code,
                        "link " + std::to_string(i + 1) + ": " + begun.error().detail);
  HEQI_TRY(Step step, device_.collect());
  Run run{&person, links.empty() ? Patience::none : Patience::until_something_comes, {}};
  run.takes_lists = true;
  run.left_out = left_out;
  return follow(std::move(step), run);
}

Result<Outcome> Terminal::look_at_list() {
  HEQI_TRY(Step step, device_.collect());
  Run run{nullptr, Patience::none, {}};
  run.takes_lists = true;
  HEQI_TRY(Outcome outcome, follow(std::move(step), run));
  if (!outcome.display) return outcome;
  if (outcome.display->kind == Display::Kind::list) {
    HEQI_TRY(outcome.items, listed(*outcome.display));
  } else {
    outcome.items = {*outcome.display};
  }
  return outcome;
}

Result<std::vector<Display>> Terminal::listed(const Display& list) {
  HEQI_TRY(const base::Bytes data, device_.data(list.transaction_id));
  if (crypto::sm3(data) != list.digest)
    return base::fail(Code::device_display_differs, "the list changed while it was read");
  return device::parse_displays(data);
}

// decide_list has each document looked into before the person is asked. One that does not pass ends
// the run and waits on: nobody refused the others.
Result<Step> Terminal::decide_list(const Display& list, Run& run) {
  HEQI_TRY(run.items, listed(list));
  for (const Display& item : run.items) {
    const std::string& id = item.transaction_id;
    if (std::find(run.left_out.begin(), run.left_out.end(), id) != run.left_out.end())
      return device_.leave_out(id);
  }
  for (const Display& item : run.items)
    if (const base::Status whole = inspect(item); !whole)
      return base::fail(whole.error().code, item.title + " (leave it out with --leave-out " +
                                                item.transaction_id + "): " + whole.error().detail);
  return give_pin(list, run);
}

}  // namespace heqi::program
