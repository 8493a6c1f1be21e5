<?php
/**
 * Plugin Name: Almanac
 * Description: Counts visits with a self-hosted Almanac.
 */

if (!defined('ABSPATH')) {
    exit;
}

add_action('wp_enqueue_scripts', function () {
    if (current_user_can('edit_posts')) {
        return;
    }
    wp_enqueue_script('almanac', 'https://stats.example/js/almanac.js', [], null, ['strategy' => 'defer']);
});

add_filter('wp_script_attributes', function ($attributes) {
    if (($attributes['id'] ?? '') === 'almanac-js') {
        $attributes['data-domain'] = 'shop.example';
    }
    return $attributes;
});
