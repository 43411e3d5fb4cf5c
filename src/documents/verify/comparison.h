// comparison.h: the differences between a document at a revision and at its end.
#pragma once
#include <deque>
#include <map>
#include <set>

#include <heqi/documents/pdf/form.h>
#include <heqi/documents/verify/report.h>

namespace heqi::documents::verify {

struct Differences {
  LaterChanges level = LaterChanges::none;
  std::vector<Change> changes;              // at most kReportedChangesMax
  std::vector<std::string> filled_fields;   // fields other than signatures
  std::vector<std::string> signed_fields;   // that were there and empty
  std::vector<std::string> visible_fields;  // signature fields that were added with a size
};

// Comparison walks both documents side by side from the trailer: what was reachable must be the
// same, but for what change_rules.h names; and everything that later revisions write must be
// reachable, so that nothing lies ready for later.
class Comparison {
 public:
  // now is a later revision of the same file. budget counts down; limit_exceeded at zero.
  Comparison(const pdf::Document& then, const pdf::Document& now, std::size_t& budget)
      : then_(then), now_(now), budget_(budget) {}

  base::Result<Differences> run();

 private:
  struct FieldState {
    std::string name;
    bool is_signature = false, newly_signed = false, is_time_stamp = false, is_added = false;
  };

  base::Status spend();
  void add(LaterChanges level, std::string place, std::uint32_t object);
  void other(std::string place, std::uint32_t object) {
    add(LaterChanges::other, std::move(place), object);
  }

  base::Status read_forms();
  base::Result<FieldState> state_of(const pdf::Field& field, const pdf::Field* before) const;
  base::Status trailer();
  base::Status object_pair(pdf::Reference id, const std::string& place);
  base::Status same(const pdf::Value& before, const pdf::Value& after, const std::string& place,
                    std::uint32_t object);
  base::Status same_dictionary(const pdf::Dictionary& before, const pdf::Dictionary& after,
                               const std::string& place, std::uint32_t object);
  // same_entry compares the values of one key; either may be nullptr.
  base::Status same_entry(const pdf::Value* before, const pdf::Value* after,
                          const std::string& place, std::uint32_t object);
  base::Status catalog(const pdf::Dictionary& before, const pdf::Dictionary& after,
                       std::uint32_t object);
  base::Status form(const pdf::Value* before, const pdf::Value* after);
  base::Status resources(const pdf::Value* before, const pdf::Value* after,
                         const std::string& place);
  base::Status page(const pdf::Dictionary& before, const pdf::Dictionary& after,
                    const std::string& place, std::uint32_t object);
  base::Status annotations(const pdf::Value* before, const pdf::Value* after,
                           const std::string& place, std::uint32_t object);
  base::Status field(const FieldState& state, const pdf::Dictionary& before,
                     const pdf::Dictionary& after, const std::string& place, std::uint32_t object);
  base::Status added_field(const pdf::Field& field, const FieldState& state);
  // explain follows what is new, so that it counts as reachable.
  base::Status explain(const pdf::Value& value, const std::string& place, std::uint32_t object,
                       std::size_t depth);
  base::Status unexplained();

  const pdf::Document& then_;
  const pdf::Document& now_;
  std::size_t& budget_;
  Differences out_;
  std::map<std::uint32_t, FieldState> fields_;  // fields and widgets of both, by object
  std::set<std::uint32_t> pages_;
  std::set<std::uint32_t> compared_, explained_;
  std::deque<std::pair<pdf::Reference, std::string>> queue_;
};

}  // namespace heqi::documents::verify
