// display_text.h: what a device displays, on a person's screen.
#pragma once
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/json.h>
#include <heqi/device/msd.h>

namespace heqi::program {

// print_line writes a label and its value.
void print_line(std::FILE* to, std::string_view label, const std::string& value);
// printable replaces control characters: what came from others does not steer the screen.
std::string printable(std::string_view text);

// is_about_the_key is true where there is no document and no subject to show.
bool is_about_the_key(device::Display::Kind kind);
// is_inspected is true where the program looked into what it displays: a PDF (inspection.h).
// Another document is known by its title, size and digest only, which the person is told.
bool is_inspected(const device::Display& display);
// print_display writes all that the person decides upon to standard error.
void print_display(const device::Display& display);
// print_list writes each document of a list; print_list_question what the one PIN would do.
void print_list(const std::vector<device::Display>& items);
void print_list_question(const device::Display& list, std::size_t count);
void write_display(base::JsonWriter& json, const device::Display& display);

}  // namespace heqi::program
