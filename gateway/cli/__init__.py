"""The command line: one module for each command of `helpdesk`, and what the commands share.

`main` has the table of commands, `options` the options that all of them take, `store` the printing of rows, `secret_input`
the ways in which a secret is given. A command reads its words, calls another room, and prints; rules about mails and tickets
do not belong here.
"""
