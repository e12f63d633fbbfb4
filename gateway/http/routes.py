"""The routes of version 1. Each asks one view of the store; none decides anything about a request."""

from fastapi import APIRouter

from helpdesk.gateway.http.conversations import conversations
from helpdesk.gateway.http.directory import directory
from helpdesk.gateway.http.files import files
from helpdesk.gateway.http.permissions import permissions
from helpdesk.gateway.http.replies import replies
from helpdesk.gateway.http.sessions import sessions

v1 = APIRouter(prefix="/api/v1")
for part in (conversations, files, replies, permissions, directory, sessions):
    v1.include_router(part)
