// What the test programs share of the compiler's work is in this program's precompiled header.
int main() {}
