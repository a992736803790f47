"""Delivery Desk: why did the mail not arrive?"""
