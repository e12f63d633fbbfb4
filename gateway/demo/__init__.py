"""The pages of `helpdesk demo`: everybody's mailbox of a desk for trying out, in one browser.

Nothing here is part of a real desk: `helpdesk demo` alone imports this room. What people write goes to the gateway as from any mail client, by
SMTP to its listener, and what the platform's customers write goes into the platform's table. Letters are those that the desk's relay keeps in
its Maildir.
"""
