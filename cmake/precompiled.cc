// Compiled for its precompiled header only, which other targets take over.
int main() {}
