"""What the program does, without a window: from files to ranked notes.

Each module imports only modules above it:

notes - the values that travel between the parts and threads
report - what can be said of an error, and of the program, without quoting a note
memory - memory that is free again, given back to the system
frontmatter - the fields at the top of a note
markdown - a note's text, taken apart into blocks
passages - blocks packed into stretches of a model's size
tokens - words that FTS5 cannot tell apart, and how words compare
language - which language notes are in, and whether a model knows it
query - what the user typed, parsed
embedder - texts to unit vectors, by a model folder that checks itself
calibration - how similar unrelated text gets: the floor
vectors - the nearest embeddings to a vector
database - a library's tables, opening and renewing them
filters - what a query demands of a note
library - what is indexed
inspection - whether a library is as it was stored, and what is mended
words - the word half of the search
suggestion - words of a query that no note holds, put right
textfile - a file's text, whatever its encoding
housekeeping - what is done with a library when all is quiet
patterns - what the user wants to be left out
ignore - which files are notes
removal - what patterns would take out of the search
difference - how the disk differs from the library
indexer - brings the library in line with the disk
fusion - scores of passages and notes to one list
searcher - a query to ranked notes
explain - why a hit matched, where a missing note stands, related notes
evaluation - query sets, judgements and metrics
preview - a note around one of its passages
access - who may use a library: one writer, any number of readers
mounts - what disks folders are on
power - where the machine has its power from
watcher - the file system's events, as hints
upkeep - the indexing thread's work
questions - what the searching thread is asked, the most urgent first
answering - the searching thread's work
engine - the threads: what a window and the command line talk to
"""
