"""Words of the registry for its templates."""

from django import template

from portal.registry import facets

register = template.Library()
register.filter("standing_word", facets.standing_word)
